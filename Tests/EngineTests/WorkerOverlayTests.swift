import Core
import Foundation
import SystemPackage
import Testing

/// The last overlay of an image is painted on the photograph itself: none may show what belongs to another.
@Suite("Worker: overlays", .timeLimit(.minutes(3))) struct WorkerOverlayTests {
    private let bench: WorkerBench

    init() throws { bench = try WorkerBench() }

    private func files(_ count: Int, _ name: String) -> [RawPath] {
        (0..<count).map { bench.file("\(name)-\($0).png") }
    }

    private func content(_ path: RawPath) throws -> Data { try Data(contentsOf: URL(filePath: path.path.string)) }

    @Test("of two classes each has the overlay that it has alone") func classes() async throws {
        let worker = try await bench.worker("resnet18.pt")
        func explain(_ targets: [String], _ name: String) async throws -> [RawPath] {
            let paths = files(targets.count, name)
            let explanation = try await bench.explain(worker) {
                $0.image = RawPath(
                    FilePath(#filePath).removingLastComponent().appending("Fixtures/pictures/baseline.jpg"))
                $0.targets = targets
                $0.overlays = paths
                $0.overlay.format = .png
                $0.overlay.colorBar = true
            }
            #expect(explanation.overlays == paths)
            return paths
        }
        let both = try await explain(["0", "1"], "both").map(content)
        #expect(try await both[0] == content(explain(["0"], "first")[0]))
        #expect(try await both[1] == content(explain(["1"], "second")[0]))
        #expect(both[0] != both[1])
    }

    @Test("of two objects each has the overlay that it has alone, and the picture of both its own") func objects()
        async throws
    {
        let worker = try await bench.worker("signdet.torchscript")
        func explain(
            _ name: String, _ objects: OverlayOptions.Objects, row: Int? = nil
        ) async throws -> (explanation: Explanation, overlays: [Data]) {
            let explanation = try await bench.explain(worker) {
                $0.image = RawPath(try bench.fixture("twins.png"))
                $0.row = row
                $0.overlays = files(3, name)
                $0.overlay.format = .png
                $0.overlay.objects = objects
            }
            return (explanation, try explanation.overlays.map(content))
        }
        let separate = try await explain("separate", .separate)
        #expect(separate.overlays.count == 3)
        #expect(try await explain("together", .together).overlays == [separate.overlays[0]])
        for (index, prediction) in separate.explanation.predictions.enumerated() {
            let row = try #require(prediction.object).row
            let alone = try await explain("alone-\(index)", .separate, row: row)
            #expect(alone.overlays.count == 2 && alone.overlays[1] == separate.overlays[index + 1])
        }
        // Side by side in one PNG of 650 x 320, the first 320 columns are the first object's overlay.
        let sideBySide = try await explain("beside", .sideBySide)
        #expect(sideBySide.overlays[0] == separate.overlays[0])
        let (sheet, first) = try (bench.decoded("beside-1.png"), bench.decoded("separate-1.png"))
        #expect((0..<320).allSatisfy { x in sheet.pixel(x, 160) == first.pixel(x, 160) })
    }
}
