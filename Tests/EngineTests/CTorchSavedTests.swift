import CTorch
import Foundation
import Testing

@Suite("CTorch: files of other versions") struct CTorchSavedTests {
    private func saved(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/saved/\(name)").path
    }

    @Test("a file that PyTorch 2.15 saved gives the map that PyTorch 2.15 computes") func newer() throws {
        let network = try RawNetwork(saved("torch-2.15.0.pt"), input: [1, 3, 40, 56])
        let x = try ReferenceArray(contentsOf: saved("torch-2.15.0.x.npy"))
        let element = try Int(#require(ReferenceArray(contentsOf: saved("torch-2.15.0.class.npy")).integers.first))
        let expected = try ReferenceArray(contentsOf: saved("torch-2.15.0.gradcam.conv2.npy")).floats
        let map = try network.plan(["conv2"]).forward(x).map(.gradCAM, element: element)
        #expect(relativeDifference(map, expected) <= 1e-4)
    }
}
