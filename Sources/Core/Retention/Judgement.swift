/// Whether a file is old enough to go.
struct Judgement {
    /// What ended before goes; `nil` where age does not matter.
    let cutoff: Timestamp?
    /// Overlays that no row points to go where they are older; `nil` where that is not asked.
    let orphans: Timestamp?
    let origin: (firstDay: String, lastID: Int64)?

    /// - Parameter row: that the file belongs to; `nil` where the log has none.
    func isToGo(_ candidate: FolderSweep.Candidate, _ row: RetainedRow?) -> Bool {
        if let row {
            // Somebody works on it.
            guard let finished = row.finishedAt else { return false }
            if let cutoff, finished < cutoff.text { return true }
            guard let orphans, finished < orphans.text else { return false }
            // Rows do not name heat maps: those go with the overlays.
            return candidate.file.isHeatMap ? row.overlays.isEmpty : !row.overlays.contains(candidate.file.name)
        }
        if let cutoff, candidate.moment < cutoff { return true }
        guard let orphans, candidate.moment < orphans, let origin, let day = candidate.day else { return false }
        // What another log gave its name may be pointed to from there.
        return candidate.file.id <= origin.lastID && day.text >= origin.firstDay
    }
}

extension RetainedRow {
    /// Whether this row is of the image that the file came of, and not of one that another log gave the same id.
    func owns(_ file: ArchivedFile, in day: FileName?) -> Bool {
        file.belongs(to: image) && (day == nil || day == self.day)
    }
}
