/// `key=value` on the command line.
package struct Assignment: Equatable, Sendable {
    package let key: String
    package let value: String

    /// - Returns: `nil` where there is no `=` or nothing before it.
    package init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else { return nil }
        key = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
    }

    /// The last one of a key counts.
    package static func dictionary(_ assignments: [Assignment]) -> [String: String] {
        Dictionary(assignments.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
    }
}
