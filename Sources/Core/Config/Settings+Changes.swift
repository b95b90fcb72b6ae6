extension Settings {
    /// Keys that a running service cannot change: what is open, watched or listened at stays so.
    private static let fixed: Set<String> = ["root", "log.file", "control.socket", "inbox.watch", "inbox.status_file"]

    /// What `new` changes, in the file's order.
    ///
    /// - Throws: where that needs a new start, all of it at once.
    package func changes(to new: Settings) throws(ConfigurationError) -> [ReloadReport.Change] {
        let changes = zip(listing, new.listing).filter { $0.value != $1.value }.map { old, new in
            ReloadReport.Change(key: old.key, old: old.value, new: new.value)
        }
        let refused = changes.filter { Self.fixed.contains($0.key) }
        guard refused.isEmpty else {
            throw ConfigurationError(
                problems: refused.map { change in
                    ConfigurationProblem(
                        place: "settings", key: change.key,
                        message: "cannot change while the service runs: \(change.old) -> \(change.new)",
                        remedy: "Restart the service, or leave it as it was.")
                })
        }
        return changes
    }

    /// Whether workers that were started for these settings serve those, too, as long as the model's files hold the
    /// same.
    package func asksForTheSameWorkers(as other: Settings) -> Bool {
        model.file == other.model.file && model.layers == other.model.layers
            && model.precision == other.model.precision && workers == other.workers && limits == other.limits
    }
}
