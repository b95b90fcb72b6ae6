import Core
import Testing

@Suite("ImageHeader: hostile bytes") struct ImageHeaderMutationTests {
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

    @Test("whatever is flipped, cut or filled in, the parser returns or throws, and never promises nonsense")
    func mutations() throws {
        var dice = Dice(state: 1)
        let names = try PictureFiles.index().keys.sorted()
        var accepted = 0
        for round in 0..<6_000 {
            var bytes = try PictureFiles.bytes(names[round % names.count])
            for _ in 0..<Int.random(in: 1...6, using: &dice) {
                let place = Int.random(in: 0..<min(bytes.count, 400), using: &dice)
                switch Int.random(in: 0..<4, using: &dice) {
                case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
                case 1: bytes[place] = [0, 0x7F, 0x80, 0xFF].randomElement(using: &dice) ?? 0
                case 2:
                    for index in place..<min(place + 4, bytes.count) { bytes[index] = 0xFF }
                default: bytes.removeSubrange(place..<min(place + 3, bytes.count - 1))
                }
            }
            if round % 3 == 0 { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &dice)) }
            guard let header = try? ImageHeader(parsing: bytes) else { continue }
            accepted += 1
            #expect(header.width >= 1 && header.height >= 1)
            #expect((1...8).contains(header.orientation))
            #expect((1...255).contains(header.channels) && (1...16).contains(header.bitDepth))
        }
        // Most mutations hit pixels or metadata: the parser must have been passed through, not only its front door.
        #expect(accepted > 1_000)
    }

    @Test("numbers at their maximum do not overflow", arguments: ["orientation-6.tif", "tiled.tif", "big-endian.tif"])
    func maximalNumbers(name: String) throws {
        let bytes = try PictureFiles.bytes(name)
        for place in stride(from: 4, to: min(bytes.count, 300), by: 1) {
            var mutated = bytes
            for index in place..<min(place + 8, bytes.count) { mutated[index] = 0xFF }
            let header = try? ImageHeader(parsing: mutated)
            #expect(header?.width != 0)
        }
    }
}
