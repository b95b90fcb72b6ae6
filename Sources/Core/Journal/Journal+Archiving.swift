import SystemPackage

/// Where originals go in the end. Every step can be repeated.
extension Journal {
    /// Repeats what comes after the rows, where that was cut off.
    ///
    /// - Returns: the state that the rows promise, or `nil` where the image is still to be explained.
    package func conclude(_ claim: Claim) throws -> ArrivalRecord.State? {
        guard let row = try store.arrival(id: claim.id) else { return nil }
        switch row.state {
        case .done: try archive([claim])
        case .failed: try quarantine(claim, because: row.failure)
        case .claimed, .waiting, .vanished: return nil
        }
        return row.state
    }

    /// Sets the image aside, with the reason beside it for people who only see the share.
    package func fail(_ claim: Claim, because failure: Failure) throws {
        try removeTemporaryFiles(of: claim)
        if claim.hasHistory { try removeOutputs(of: claim) }
        // Of an original that stays, nothing in work/ would tell recovery that the reason is still to be written.
        if claim.original == .keep { try writeReason(of: claim, failure) }
        try store.fail(claim.id, because: failure)
        try quarantine(claim, because: failure)
    }

    /// The originals to their places; the claims' folders away.
    func archive(_ claims: [Claim]) throws(Errno) {
        let archived = claims.filter { $0.original == .archive }
        for claim in archived { try move(claim, to: folder(of: claim.outputs.day, in: tree.done)) }
        // They must be there before their folders in work/ can go.
        try sync(archived.map(\.outputs.day), in: tree.done)
        for claim in claims {
            switch claim.original {
            case .archive: try removeFolder(of: claim)
            case .delete, .borrow:
                try claim.folder.removeIfPresent(claim.name)
                try removeFolder(of: claim)
            case .keep:
                // Of an attempt that died between the reason and the row.
                if claim.attempt > 1 { try tree.failed.removeIfPresent(claim.outputs.reason) }
            }
        }
    }

    func quarantine(_ claim: Claim, because failure: Failure) throws(Errno) {
        guard claim.original != .keep else { return }
        try writeReason(of: claim, failure)
        switch claim.original {
        case .archive, .delete:
            try move(claim, to: tree.failed)
            // It must be there before its folder in work/ can go.
            try tree.failed.sync()
            try removeFolder(of: claim)
        case .borrow:
            try claim.folder.removeIfPresent(claim.name)
            try removeFolder(of: claim)
        case .keep: break
        }
    }

    private func writeReason(of claim: Claim, _ failure: Failure) throws(Errno) {
        let note = """
            \(claim.file.text)
            \(failure.message)
            \(failure.remedy)
            code: \(failure.code.rawValue)
            """
        try tree.failed.write(note + "\n", to: claim.outputs.reason)
    }

    /// Where that was done before, it is not there any more.
    private func move(_ claim: Claim, to folder: Directory) throws(Errno) {
        do { try claim.folder.move(claim.name, to: folder, as: claim.outputs.archived) } catch .noSuchFileOrDirectory {}
    }

    /// The claim's own folder below `work/`, which is empty by now. Nothing relies on its end: where a power cut brings it
    /// back, with its file or without, the row tells recovery what it is.
    func removeFolder(of claim: Claim) throws(Errno) {
        guard claim.original != .keep else { return }
        if let name = claim.folder.path.lastComponent.flatMap({ FileName($0.string) }) {
            do { try tree.work.removeDirectory(name) } catch .noSuchFileOrDirectory {}
        }
    }

    /// What an attempt published that died before its rows were written.
    func removeOutputs(of claim: Claim) throws(Errno) {
        let folder: Directory
        do { folder = try tree.outbox.directory(claim.outputs.day) } catch .noSuchFileOrDirectory { return }
        for name in claim.outputs.everything {
            try folder.removeIfPresent(name)
        }
    }

    /// What an attempt wrote that came to no end.
    func removeTemporaryFiles(of claim: Claim) throws {
        let prefix = Array(claim.outputs.temporaryPrefix.utf8)
        for name in try tree.outbox.names() where name.bytes.starts(with: prefix) {
            try tree.outbox.removeIfPresent(name)
        }
    }
}

/// An original that stays in the inbox was changed or removed while it was explained: what came of it is of no use.
package struct ChangedMeanwhile: Error {}

extension OutputNames {
    /// Every name that an image's overlays and maps can have.
    var everything: [FileName] {
        (0..<Claim.maximumOutputs).flatMap { index in
            OverlayOptions.Format.allCases.map { overlay(index, $0) } + [heatMap(index)]
        }
    }
}
