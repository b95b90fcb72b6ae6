package import SystemPackage

/// One gradcamd of this machine: the plain service, or a named one, gradcamd@NAME.service. Its name says where its
/// settings lie, and, where these are silent, its tree, log and socket.
package struct Instance: Equatable, Sendable {
    /// `nil`: the plain service.
    package let name: String?

    package static let plain = Instance(checked: nil)

    private init(checked name: String?) { self.name = name }

    /// - Parameter name: letters and digits of ASCII, `_`, and `-` within, which systemd's %i leaves as they are;
    ///     systemd.unit(5).
    /// - Returns: `nil` for another name, and for "gradcamd", whose settings would be those of the plain service.
    package init?(name: String) {
        guard name.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_\-]{0,63}/) != nil, name != "gradcamd" else { return nil }
        self.init(checked: name)
    }

    package var settingsFile: FilePath { FilePath("/etc/gradcamd/\(name ?? "gradcamd").yaml") }
    package var root: FilePath { FilePath("/srv/\(folder)") }
    package var log: FilePath { FilePath("/var/lib/\(folder)/log.db") }
    package var socket: FilePath { FilePath("/run/\(folder)/control.sock") }

    /// As the unit has it: StateDirectory, RuntimeDirectory.
    private var folder: String { name.map { "gradcamd-\($0)" } ?? "gradcamd" }
}
