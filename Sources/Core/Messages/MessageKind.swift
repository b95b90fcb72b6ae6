package import Logging

/// What a line of the journal tells: its MESSAGE_ID, by which `journalctl MESSAGE_ID=…` finds all of a kind and
/// `journalctl -x` its explanation in systemd/gradcamd.catalog. Ids never change and are never used again; a new one
/// comes from `systemd-id128 new`.
package enum MessageKind: String, CaseIterable, Sendable {
    // An image came to its end.
    case imageDone = "2a3afec20b4a41ad9e665b027311e61b"
    case imageReused = "bf6dfa9b03f14f8ba57b785a6fd195e8"
    case imageFailed = "3ba0c203e394425997a3c1ff3df749b0"
    case imageVanished = "2c559712c55a419580115c6dbe0d7fdb"
    // It did not yet.
    case attemptFailed = "76196fccdfee4d2bb2c53b93e35e8302"
    case imageWaits = "27fdec7e946b47809ea6154c1fe1b4f0"
    case imageNotTaken = "6c29b6ee0fe84f0ab036e6ba620c40cf"
    case imageNotRepeated = "aa32fc0dc3144ca195ee3e6d532a6dc5"
    case imageStranded = "70681e8d1d65442683a16ed315887428"
    case fileLeftAlone = "bbbe9d25db504e4591c29e4f5f9e318e"
    // The service.
    case started = "7732eb2210a1476e84b98a39b0d11c84"
    case stopped = "2eee81b68d8a42868ee8773d1dcfb373"
    case ended = "970b0362c48e48929fb18ffdea6106e6"
    case takenUp = "236279f8fb354ee49f9cf5e06bc53072"
    case modelDoubtful = "98a02b97c91948a190c27b7483fdbe2d"
    case reloaded = "377f738533f843c49db737c33456447b"
    case reloadRefused = "93fd97467cf04889bcb19a68344e44ee"
    case paused = "d704978a1aa94fd7b2aa64c074149a80"
    case resumed = "99cd1bf35606403e80efd0bb83382556"
    case commandGiven = "11e2a37b9db84c90b0a1c569ea171ad6"
    case controlHindered = "c78c6d3621804eba90dea3d168461fb4"
    case nothingTaken = "ad9fa894633e43b7982778e475c8bbe2"
    case takenAgain = "62d623b33b4949c1bcf55ee8b822f28e"
    case linesLost = "3144ce30240e4d448878ad3299420576"
    // Its inbox.
    case watching = "da187c14dda04699a59663dbf08aa794"
    case inboxMissing = "23f55550bf1841eb89b6e236986c4f30"
    case inboxBack = "40827e78115249188fdd3235f9e64f8c"
    case inboxAdopted = "d8ccf8636560439783fd477aa38ef576"
    case folderNotRead = "98c823c3002349c8ae5cc80df6f026cc"
    case eventsDropped = "824c87c8eb334ff4a1f0df199ba4618d"
    case watchesExhausted = "5392daa55308448fa27eaaaaeb965cd8"
    // Its workers.
    case workerLost = "947a7ef664e646a18aa7e4fd45cb86dc"
    case workerReplaced = "e15f72f75f454e59b71964813e3e59e1"
    case workerNotStarted = "83572c0a09884d6aa997bc3b9ac38964"
    case workerHung = "9c5c990efe554b438bc8489549384a68"
    // Its retention.
    case retentionDone = "2a3ac624148b4bb8aa8e1c0b999addb4"
    case retentionHindered = "87922209a6794dce99477ca273a335bc"

    /// Info is one line for each image, notice the service, warning an image that failed or waits, or something that
    /// the service gets along with, error what keeps the service from its work, critical what it does not survive.
    package var level: Logger.Level {
        switch self {
        case .imageDone, .imageReused: .info
        case .started, .stopped, .takenUp, .reloaded, .paused, .resumed, .commandGiven, .takenAgain, .watching,
            .inboxBack, .eventsDropped, .workerReplaced, .retentionDone:
            .notice
        case .imageFailed, .imageVanished, .attemptFailed, .imageWaits, .imageNotTaken, .imageNotRepeated,
            .fileLeftAlone, .modelDoubtful, .controlHindered, .linesLost, .inboxAdopted, .folderNotRead,
            .watchesExhausted, .workerLost, .retentionHindered:
            .warning
        case .imageStranded, .ended, .reloadRefused, .nothingTaken, .inboxMissing, .workerNotStarted: .error
        case .workerHung: .critical
        }
    }
}

extension Logger {
    /// One line of a kind, at the level of that kind.
    ///
    /// - Parameter level: where this line is of less weight than others of its kind.
    package func log(
        _ kind: MessageKind, level: Level? = nil, _ message: @autoclosure () -> Message,
        metadata: @autoclosure () -> Metadata = [:],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(
            level: level ?? kind.level, message(),
            metadata: metadata().merging(["MESSAGE_ID": "\(kind.rawValue)"]) { $1 },
            file: file, function: function, line: line)
    }
}
