import Foundation

/// Colours on a terminal, and none elsewhere or where the person wants none (no-color.org).
struct Paint {
    enum Color: Int { case red = 31, green = 32, yellow = 33 }

    let isOn: Bool

    static var standardOutput: Paint {
        Paint(isOn: isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil)
    }

    func callAsFunction(_ color: Color, _ text: String) -> String {
        isOn ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }
}
