import SystemPackage

@testable import Core

/// Values that tests need and do not care about.
enum Samples {
    /// The 4 x 4 map that the golden numbers of the statistics are of.
    static let map = HeatMap(
        width: 4, height: 4,
        values: [0, 0.05, 0.15, 0.2, 0.2, 0.25, 0.35, 0.4, 0.6, 0.65, 0.75, 0.8, 0.8, 0.85, 0.95, 1])

    static func explanation(
        label: String = "cat", score: Double = 0.75, map: HeatMap = Samples.map, overlays: Int = 1
    ) -> Explanation {
        let heat = Heat(
            method: .gradCAM, layers: ["layer4"], target: "logit", saturated: false, gridWidth: map.width,
            gridHeight: map.height, statistics: HeatStatistics(of: map))
        return Explanation(
            picture: .init(width: 640, height: 480, format: "jpeg"),
            predictions: [Prediction(classIndex: 281, label: label, score: score, logit: 9.5, heat: heat, overlay: 0)],
            notes: [],
            overlays: (0..<overlays).map { RawPath(FilePath("overlay-\($0)")) }, heatMaps: [],
            milliseconds: Milliseconds())
    }

    static let model = ModelDescription(
        name: "sample", task: "classification", input: [1, 3, 224, 224], output: [1, 1000], activation: "none",
        logitsFound: true, labels: ["cat"], method: .gradCAM, targets: [], reason: "", detector: nil, layers: [],
        hasCard: true, license: nil,
        libtorch: "1.13.1", openCV: "4.6.0", cpuCapability: "AVX2", precision: .float32, threads: 1)
}
