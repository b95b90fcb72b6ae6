/// What a reload put in force.
package struct ReloadReport: Codable, Equatable, Sendable {
    package struct Change: Codable, Equatable, Sendable {
        /// A dotted key of the settings; "model" where its files hold something else under the same name.
        package var key: String
        package var old: String
        package var new: String

        package init(key: String, old: String, new: String) {
            self.key = key
            self.old = old
            self.new = new
        }
    }

    /// Nothing where everything is as it was.
    package var changes: [Change]
    /// Of the model in force.
    package var model: String
    /// Whether new workers took the place of the old ones.
    package var replacedWorkers: Bool

    package init(changes: [Change], model: String, replacedWorkers: Bool) {
        self.changes = changes
        self.model = model
        self.replacedWorkers = replacedWorkers
    }

    private enum CodingKeys: String, CodingKey {
        case changes, model
        case replacedWorkers = "replaced_workers"
    }
}

extension ReloadReport.Change: CustomStringConvertible {
    /// "explanations.method gradcam -> layercam", on one line.
    package var description: String { "\(key) \(text(old)) -> \(text(new))".readable }

    private func text(_ value: String) -> String { value.isEmpty ? "\"\"" : value }
}
