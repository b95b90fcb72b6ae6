import Core

/// One line on standard error that shows how far long work has come. Only on a terminal.
struct ProgressBar {
    private static let width = 24

    let total: Int
    let isShown: Bool

    init(total: Int, isShown: Bool) {
        self.total = total
        self.isShown = isShown && StandardError.isTerminal
    }

    func show(_ done: Int, _ name: String) {
        guard isShown, total > 0 else { return }
        let filled = Self.width * done / total
        let bar = String(repeating: "=", count: filled) + String(repeating: " ", count: Self.width - filled)
        StandardError.write("\r\u{1B}[K[\(bar)] \(done)/\(total) \(name.readable.prefix(40))")
    }

    func clear() {
        if isShown { StandardError.write("\r\u{1B}[K") }
    }
}
