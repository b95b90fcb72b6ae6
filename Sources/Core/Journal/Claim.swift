package import SystemPackage

/// An image that is ours: it lies in its folder below `work/`, and its row says which attempt this is.
package struct Claim: Sendable {
    /// Of its row in the log; the names of everything that comes of it begin with it.
    package let id: Int64
    package let file: InboxFile
    /// `work/<claim>/`.
    package let folder: Directory
    /// Names the folder in `outbox/` and `done/`; of the first claim, so that every attempt ends in the same place.
    package let day: FileName
    /// From 1.
    package internal(set) var attempt: Int

    package var name: FileName { file.name }
    package var path: FilePath { folder.path.appending(name) }

    /// `17-cat.jpg`.
    package var archivedName: FileName { name.wrapped(prefix: "\(id)-", suffix: "") }

    /// `17-cat.jpg.cam.jpg`, the second overlay's `17-cat.jpg.cam-2.jpg`.
    package func overlayName(_ index: Int, _ format: OverlayOptions.Format) -> FileName {
        name.wrapped(prefix: "\(id)-", suffix: ".cam\(Self.number(index)).\(format.fileExtension)")
    }

    /// `17-cat.jpg.heat.npy`.
    package func heatMapName(_ index: Int) -> FileName {
        name.wrapped(prefix: "\(id)-", suffix: ".heat\(Self.number(index)).npy")
    }

    /// `.tmp-17.cam-2.jpg`: where the worker writes before the file gets its name.
    package func temporaryOverlayName(_ index: Int, _ format: OverlayOptions.Format) -> FileName {
        Self.temporary("\(id).cam\(Self.number(index)).\(format.fileExtension)")
    }

    package func temporaryHeatMapName(_ index: Int) -> FileName {
        Self.temporary("\(id).heat\(Self.number(index)).npy")
    }

    /// Predictions of one image that may be explained (`explanations.top`, `detections.explained`).
    package static let maximumExplained = 64
    /// Overlays that one image may have: one for each of them, and of a detector one with all.
    package static let maximumOutputs = maximumExplained + 1
    package static let temporaryPrefix = ".tmp-"

    private static func temporary(_ name: String) -> FileName {
        FileName(bytes: (temporaryPrefix + name).utf8) ?? ".tmp-"
    }

    private static func number(_ index: Int) -> String { index == 0 ? "" : "-\(index + 1)" }
}
