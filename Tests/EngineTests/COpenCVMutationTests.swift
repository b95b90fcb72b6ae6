import COpenCV
import Core
import Testing

@Suite("COpenCV: hostile bytes") struct COpenCVMutationTests {
    /// The same numbers every time (Vigna's SplitMix64).
    struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    @Test("damaged pictures that pass the header and the limits decode to the promised size, or fail as such")
    func mutations() throws {
        var dice = Dice(state: 2)
        let limits = ImageLimits(maxPixels: 1_000_000)
        let names = try PictureFixtures.index().keys.sorted()
        var decoded = 0
        var refused = 0
        for round in 0..<2_000 {
            var bytes = try PictureFixtures.bytes("pictures/\(names[round % names.count])")
            for _ in 0..<Int.random(in: 1...4, using: &dice) {
                let place = Int.random(in: bytes.indices, using: &dice)
                bytes[place] = UInt8.random(in: 0...255, using: &dice)
            }
            guard let header = try? ImageHeader(parsing: bytes), (try? limits.check(header)) != nil else { continue }
            do {
                let picture = try RawPicture(
                    decoding: bytes, width: header.width, height: header.height,
                    orientation: Int32(header.orientation))
                #expect((picture.width, picture.height) == header.uprightSize)
                decoded += 1
            } catch {
                #expect(error.code == .undecodable, "\(error)")
                refused += 1
            }
        }
        #expect(decoded > 500 && refused > 50)
    }
}
