import Core
import SystemPackage

/// An explanation as a person reads it.
enum ExplanationText {
    static func text(of explanation: Explanation, input: String) -> String {
        let picture = explanation.picture
        var lines = ["\(input.readable)  \(picture.width)x\(picture.height) \(picture.format)"]
        if explanation.predictions.isEmpty { lines.append("  nothing found") }
        for (index, prediction) in explanation.predictions.enumerated() {
            lines.append("  \(index + 1). \(percent(prediction.score))  \(prediction.label.readable)")
            lines.append("     \(heat(prediction.heat))")
            if index < explanation.overlays.count {
                lines.append("     -> \(explanation.overlays[index].path.string.readable)")
            }
        }
        if explanation.predictions.isEmpty, let overlay = explanation.overlays.first {
            lines.append("     -> \(overlay.path.string.readable)")
        }
        lines += explanation.notes.map { "  note: \($0)" }
        return lines.joined(separator: "\n")
    }

    static func percent(_ score: Double) -> String {
        let text = "\((score * 1000).rounded() / 10) %"
        return String(repeating: " ", count: max(0, 7 - text.count)) + text
    }

    private static func heat(_ heat: Heat) -> String {
        let place = "\(heat.method.rawValue) at \(heat.layers.joined(separator: ", "))"
        guard !heat.statistics.zeroCAM, let x = heat.statistics.peakX,
            let y = heat.statistics.peakY, let area = heat.statistics.area50
        else {
            return "\(place): no positive evidence anywhere, the map is zero"
        }
        let share = (area * 1000).rounded() / 10
        return "\(place): hottest at \(x),\(y); \(share) % of the picture is above half of it"
    }
}
