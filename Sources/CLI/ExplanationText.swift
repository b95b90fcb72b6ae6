import Core
import SystemPackage

/// An explanation as a person reads it.
enum ExplanationText {
    static func text(of explanation: Explanation, input: String) -> String {
        let picture = explanation.picture
        var lines = ["\(input.readable)  \(picture.width)x\(picture.height) \(picture.format)"]
        if explanation.predictions.isEmpty { lines.append("  nothing found") }
        var shown: Set<Int> = []
        for (index, prediction) in explanation.predictions.enumerated() {
            lines.append(
                "  \(index + 1). \(percent(prediction.score))  \(prediction.label.readable)\(place(prediction))")
            if let heat = prediction.heat { lines.append("     \(text(of: heat))") }
            // The overlay that all objects share is named once, behind them.
            guard let overlay = prediction.overlay, overlay < explanation.overlays.count,
                prediction.object == nil || overlay > 0
            else { continue }
            shown.insert(overlay)
            lines.append("     -> \(explanation.overlays[overlay].path.string.readable)")
        }
        if explanation.isCapped {
            let explained = explanation.predictions.count { $0.heat != nil }
            lines.append("  explained are the first \(explained); --explained takes more")
        }
        for (index, overlay) in explanation.overlays.enumerated() where !shown.contains(index) {
            lines.append("  -> \(overlay.path.string.readable)")
        }
        lines += explanation.notes.map { "  note: \($0)" }
        return lines.joined(separator: "\n")
    }

    private static func place(_ prediction: Prediction) -> String {
        guard let box = prediction.object?.box else { return "" }
        let corners = [box.left, box.top, box.right, box.bottom].map { Int($0.rounded()) }
        return "  at \(corners[0]),\(corners[1]) to \(corners[2]),\(corners[3])"
    }

    static func percent(_ score: Double) -> String {
        let text = "\((score * 1000).rounded() / 10) %"
        return String(repeating: " ", count: max(0, 7 - text.count)) + text
    }

    private static func text(of heat: Heat) -> String {
        let place = "\(heat.method.rawValue) at \(heat.layers.joined(separator: ", "))"
        guard !heat.statistics.zeroCAM, let x = heat.statistics.peakX,
            let y = heat.statistics.peakY, let area = heat.statistics.area50
        else {
            return "\(place): no positive evidence anywhere, the map is zero"
        }
        let hottest = "\(place): hottest at \(x),\(y)"
        if let energy = heat.inBox?.energyInBox { return "\(hottest); \(rounded(energy)) % of the heat is in the box" }
        return "\(hottest); \(rounded(area)) % of the picture is above half of it"
    }

    private static func rounded(_ share: Double) -> Double { (share * 1000).rounded() / 10 }
}
