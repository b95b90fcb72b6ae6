import SystemPackage

/// Whether inbox and log are on file systems that can do what is asked of them.
enum FileSystemChecks {
    static func findings(root: FilePath, log: FilePath) -> [Finding] {
        var findings: [Finding] = []
        let inbox = root.appending("inbox")
        do throws(Errno) {
            findings.append(finding(inbox: inbox, on: try FileSystemKind(of: inbox)))
        } catch {
            findings.append(Finding(.fileSystem, .unknown, "\(inbox): \(error)."))
        }
        let folder = log.removingLastComponent()
        do throws(Errno) {
            findings.append(finding(log: log, on: try FileSystemKind(of: folder)))
        } catch {
            findings.append(
                Finding(
                    .fileSystem, error == .permissionDenied ? .unknown : .problem, "\(folder): \(error).",
                    remedy: "The folder of log.file must be there; the unit's StateDirectory makes its own."))
        }
        return findings
    }

    static func finding(inbox: FilePath, on kind: FileSystemKind) -> Finding {
        kind.isRemote
            ? Finding(
                .fileSystem, .warning,
                "\(inbox) is on \(kind.name): what other machines write there is found by looking, not at once.",
                remedy: "Lower inbox.rescan_seconds, or run the service on the file server.")
            : Finding(.fileSystem, .ok, "\(inbox) is on \(kind.name): the kernel announces new files.")
    }

    static func finding(log: FilePath, on kind: FileSystemKind) -> Finding {
        kind.isRemote
            ? Finding(
                .fileSystem, .problem, "\(log) is on \(kind.name), where SQLite's locks and its shared memory fail.",
                remedy: "Set log.file to a path on a local disk.")
            : Finding(.fileSystem, .ok, "\(log) is on \(kind.name).")
    }
}
