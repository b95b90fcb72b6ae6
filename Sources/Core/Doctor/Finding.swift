/// What one check found: one sentence, and what to do about it.
package struct Finding: Codable, Equatable, Sendable {
    package enum Verdict: String, Codable, Sendable {
        case ok, warning, problem
        /// This user, or nobody, can tell.
        case unknown
    }

    package enum Subject: String, Codable, Sendable {
        case configuration, model, processor, tree, leases, inotify, space, log, clock
        case fileSystem = "file system"
    }

    package var subject: Subject
    package var verdict: Verdict
    package var message: String
    /// What the person can do; empty where all is well or nothing helps.
    package var remedy: String

    package init(_ subject: Subject, _ verdict: Verdict, _ message: String, remedy: String = "") {
        self.subject = subject
        self.verdict = verdict
        self.message = message
        self.remedy = remedy
    }
}
