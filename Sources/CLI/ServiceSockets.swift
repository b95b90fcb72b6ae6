import Core
import SystemPackage

/// The control sockets of this machine's services: RUN/gradcamd/control.sock of the plain one,
/// RUN/gradcamd-NAME/control.sock of each instance.
struct ServiceSockets {
    struct Found: Equatable {
        /// As its unit is called: "gradcamd", "gradcamd@street".
        let service: String
        let path: FilePath
    }

    /// More services are not asked.
    static let limit = 64

    private static let name: FileName = "control.sock"

    /// - Parameter folder: of run-time files.
    /// - Returns: in the order of their names; the plain service where there is none at all.
    static func found(in folder: FilePath = "/run") -> [Found] {
        let names = ((try? Directory(folder).names()) ?? []).filter { name in
            (service(ofFolder: name.text) != nil)
                && (try? Directory(folder.appending(name)).statusIfPresent(of: Self.name))??.kind == .socket
        }
        let found = names.map(\.text).sorted().prefix(limit).compactMap { name in
            service(ofFolder: name).map { Found(service: $0, path: folder.appending(name).appending(Self.name)) }
        }
        return found.isEmpty ? [Found(service: "gradcamd", path: Instance.plain.socket)] : found
    }

    /// One that was named: called after its folder, else by its path.
    static func named(_ path: FilePath) -> Found {
        let folder = path.removingLastComponent().lastComponent?.string
        return Found(service: folder.flatMap(service(ofFolder:)) ?? path.string, path: path)
    }

    private static func service(ofFolder name: String) -> String? {
        if name == "gradcamd" { return name }
        guard name.hasPrefix("gradcamd-"), name.count > "gradcamd-".count else { return nil }
        return "gradcamd@\(name.dropFirst("gradcamd-".count))"
    }
}
