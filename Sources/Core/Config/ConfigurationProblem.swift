/// One thing that is wrong with a setting: where, what, and what to write instead.
package struct ConfigurationProblem: Equatable, Sendable {
    /// "gradcamd.yaml:12", "environment GRADCAMD_MODEL_FILE", "--set model.file".
    package var place: String
    /// Dotted key, or empty where the whole file is meant.
    package var key: String
    package var message: String
    package var remedy: String

    package init(place: String, key: String, message: String, remedy: String) {
        self.place = place
        self.key = key
        self.message = message
        self.remedy = remedy
    }
}

extension ConfigurationProblem: CustomStringConvertible {
    package var description: String {
        let subject = key.isEmpty ? message : "\(key) \(message)"
        return "\(place): \(subject)" + (remedy.isEmpty ? "." : ". \(remedy)")
    }
}

/// Everything that is wrong with a file of settings, at once. Exit status 78 (EX_CONFIG).
package struct ConfigurationError: Error, CustomStringConvertible {
    package let problems: [ConfigurationProblem]

    package init(problems: [ConfigurationProblem]) { self.problems = problems }

    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
