import Core
import Testing

@testable import Worker

@Suite("Photograph: boxes and sheets") struct PhotographBoxesTests {
    private func photograph() throws -> Photograph {
        let bytes = try PictureFixtures.bytes("pictures/rgb.png")
        return try Photograph(decoding: bytes, header: ImageHeader(parsing: bytes))
    }

    private func file(_ photograph: Photograph) throws -> [UInt8] {
        var file: [UInt8] = []
        try photograph.encoded(.png, quality: 90) { file = [UInt8]($0) }
        return file
    }

    private func box(_ left: Double) -> LabelledBox {
        LabelledBox(
            box: Box(left: left, top: 2, right: 30, bottom: 18), label: "cup", color: ClassColor(classIndex: 0))
    }

    @Test("boxes are drawn into the photograph itself, and none draw nothing")
    func boxes() throws {
        let (drawn, untouched) = (try photograph(), try photograph())
        try drawn.drawBoxes([])
        #expect(try file(drawn) == file(untouched))
        try drawn.drawBoxes([box(3), box(9.5)])
        #expect(try file(drawn) != file(untouched))
    }

    @Test("sides that are not finite are our own mistake")
    func notFinite() throws {
        let photograph = try photograph()
        #expect { try photograph.drawBoxes([box(.nan)]) } throws: { ($0 as? Failure)?.code == .internal }
    }

    @Test("photographs stand side by side, 36 x 20 each")
    func sideBySide() throws {
        let sheet = try Photograph.sideBySide([photograph(), photograph(), photograph()], tileSide: 18)
        #expect([sheet.width, sheet.height] == [3 * 18 + 2 * 2, 10])
        #expect { try Photograph.sideBySide([], tileSide: 18) } throws: { ($0 as? Failure)?.code == .internal }
    }
}

@Suite("Class colours") struct ClassColorTests {
    @Test("ten different ones, the same for the same class, whatever its number")
    func stable() {
        let first = (0..<10).map { ClassColor(classIndex: $0) }
        for (index, color) in first.enumerated() { #expect(first.firstIndex(of: color) == index) }
        #expect((10..<20).map { ClassColor(classIndex: $0) } == first)
        #expect(ClassColor(classIndex: -1) == first[9])
        #expect(ClassColor(classIndex: .max) == first[Int.max % 10])
        #expect(ClassColor(classIndex: .min) == ClassColor(classIndex: Int.min % 10 + 10))
    }
}
