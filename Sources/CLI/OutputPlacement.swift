import Core
import Glibc
import SystemPackage

/// Where the files of `gradcam explain` go. Each is written under a temporary name first, so that nothing is ever
/// half there, and nothing that exists is overwritten unless that was asked for.
struct OutputPlacement {
    /// A file or a folder; `nil` takes the current folder.
    let output: String?
    let inputs: Int
    let overwrites: Bool

    /// The files of one picture.
    struct Files {
        let format: OverlayOptions.Format
        fileprivate let overlays: [FilePath]
        fileprivate let heatMaps: [FilePath]

        var temporaryOverlays: [FilePath] { overlays.map(Self.temporary) }
        var temporaryHeatMaps: [FilePath] { heatMaps.map(Self.temporary) }

        func publishOverlays(_ count: Int) throws(Failure) -> [FilePath] { try publish(Array(overlays.prefix(count))) }
        func publishHeatMaps(_ count: Int) throws(Failure) -> [FilePath] { try publish(Array(heatMaps.prefix(count))) }

        func discard() { for path in overlays + heatMaps { unlink(Self.temporary(path).string) } }

        private func publish(_ paths: [FilePath]) throws(Failure) -> [FilePath] {
            for path in paths {
                guard rename(Self.temporary(path).string, path.string) == 0 else {
                    throw Failure(.inputOutput, "\(path) cannot be written: \(Errno(rawValue: errno)).")
                }
            }
            return paths
        }

        private static func temporary(_ path: FilePath) -> FilePath {
            let name = path.lastComponent?.string ?? ""
            return path.removingLastComponent().appending(".tmp-\(getpid())-\(name)")
        }
    }

    /// Before the model is loaded: what cannot work is said at once.
    func check(heatMap: FilePath?) throws(Failure) {
        if let output, inputs > 1, !isFolder {
            throw Failure(
                .badRequest, "\(output) is not a folder, and there are \(inputs) pictures.",
                remedy: "Make it: mkdir \(output)")
        }
        if let output, !isFolder, format(of: FilePath(output)) == nil {
            throw Failure(
                .badRequest, "The overlay \(output) must end with .jpg, .jpeg or .png, or be a folder that exists.")
        }
        if let heatMap { try checkAbsence([heatMap]) }
    }

    /// - Parameters:
    ///   - input: the picture; `nil` for a tensor, which has no overlay.
    ///   - count: of overlays, at most.
    ///   - heatMapCount: at most.
    func files(
        for input: FilePath?, overlays count: Int, heatMaps heatMapCount: Int, heatMap: FilePath?
    ) throws(Failure) -> Files {
        var overlays: [FilePath] = []
        var format = OverlayOptions.Format.jpeg
        if let input {
            let base = base(for: input)
            format = self.format(of: base) ?? .jpeg
            overlays = (0..<count).map { Self.numbered(base, $0) }
        }
        let heatMaps = heatMap.map { base in (0..<heatMapCount).map { Self.numbered(base, $0) } } ?? []
        try checkAbsence(overlays + heatMaps)
        return Files(format: format, overlays: overlays, heatMaps: heatMaps)
    }

    private func checkAbsence(_ paths: [FilePath]) throws(Failure) {
        guard !overwrites else { return }
        for path in paths where access(path.string, F_OK) == 0 {
            throw Failure(.badRequest, "\(path) is there already.", remedy: "Give another --output, or --force.")
        }
    }

    private var isFolder: Bool {
        guard let output else { return true }
        var status = stat()
        return stat(output, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    private func base(for input: FilePath) -> FilePath {
        if let output, !isFolder { return FilePath(output) }
        let stem = input.stem ?? "picture"
        return FilePath(output ?? "").appending("\(stem).cam.jpg")
    }

    private func format(of path: FilePath) -> OverlayOptions.Format? {
        switch path.extension?.lowercased() {
        case "jpg", "jpeg": .jpeg
        case "png": .png
        default: nil
        }
    }

    /// The second file has a -2 before its extension.
    private static func numbered(_ base: FilePath, _ index: Int) -> FilePath {
        guard index > 0, let stem = base.stem else { return base }
        let ending = base.extension.map { ".\($0)" } ?? ""
        return base.removingLastComponent().appending("\(stem)-\(index + 1)\(ending)")
    }
}
