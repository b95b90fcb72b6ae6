/// The names of all that comes of one image; each begins with the id of its row, so that no two meet.
package struct OutputNames: Sendable {
    package let id: Int64
    /// As it was in the inbox.
    package let image: FileName
    /// Names the folder in `outbox/` and `done/`; of the first claim, so that every attempt ends in the same place.
    package let day: FileName

    /// `17-cat.jpg`.
    package var archived: FileName { image.wrapped(prefix: "\(id)-", suffix: "") }

    /// `17-cat.jpg.txt`: why it failed.
    package var reason: FileName { archived.wrapped(prefix: "", suffix: ".txt") }

    /// `17-cat.jpg.cam.jpg`, the second overlay's `17-cat.jpg.cam-2.jpg`.
    package func overlay(_ index: Int, _ format: OverlayOptions.Format) -> FileName {
        image.wrapped(prefix: "\(id)-", suffix: ".cam\(Self.number(index)).\(format.fileExtension)")
    }

    /// `17-cat.jpg.heat.npy`.
    package func heatMap(_ index: Int) -> FileName {
        image.wrapped(prefix: "\(id)-", suffix: ".heat\(Self.number(index)).npy")
    }

    /// `.tmp-17.2.cam-2.jpg`: where the worker writes in the second attempt before the file gets its name.
    package func temporaryOverlay(_ index: Int, _ format: OverlayOptions.Format, attempt: Int) -> FileName {
        temporary("\(attempt).cam\(Self.number(index)).\(format.fileExtension)")
    }

    package func temporaryHeatMap(_ index: Int, attempt: Int) -> FileName {
        temporary("\(attempt).heat\(Self.number(index)).npy")
    }

    /// Begins every temporary name of this image.
    package var temporaryPrefix: String { "\(Self.temporaryPrefix)\(id)." }

    package static let temporaryPrefix = ".tmp-"

    private func temporary(_ name: String) -> FileName {
        FileName(bytes: (temporaryPrefix + name).utf8) ?? ".tmp-"
    }

    private static func number(_ index: Int) -> String { index == 0 ? "" : "-\(index + 1)" }
}
