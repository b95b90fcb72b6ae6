package import SystemPackage

/// Asks a running gradcamd.
package struct ControlClient: Sendable {
    let path: FilePath

    /// - Parameter path: of the control socket.
    package init(path: FilePath) { self.path = path }

    /// Sends one command and waits for its result.
    ///
    /// - Parameters:
    ///   - patience: the longest time between two lines of the answer.
    ///   - progress: hears how far a `sync` is.
    /// - Throws: `ControlClientError`; what the service could not do, as a `Failure`.
    package func ask(
        _ command: ControlRequest.Command, patience: Duration = .seconds(60),
        progress: (SyncProgress) -> Void = { _ in }
    ) async throws -> ControlResponse.Content {
        let socket = try connect()
        do {
            try await socket.send(MessageCoding.line(ControlRequest(command)), until: .now + patience)
            var lines = LineReader(socket, limit: MessageCoding.maximumLineLength)
            while let line = try await lines.line(until: .now + patience) {
                switch try content(of: line) {
                case .progress(let numbers): progress(numbers)
                case .failed(let failure): throw failure
                case let content: return content
                }
            }
        } catch Errno.timedOut {
            throw ControlClientError(path: path, cause: .silent(patience))
        } catch is Errno {
            // Broken off.
        } catch is LineReader.TooLong {
            throw ControlClientError(path: path, cause: .unintelligible)
        }
        throw ControlClientError(path: path, cause: .brokenOff)
    }

    private func connect() throws -> LocalSocket {
        do throws(Errno) {
            let socket = try LocalSocket()
            try socket.connect(to: path)
            return socket
        } catch {
            let cause: ControlClientError.Cause =
                switch error {
                case .noSuchFileOrDirectory, .connectionRefused, .notDirectory: .notRunning
                case .permissionDenied, .notPermitted: .notPermitted
                case .fileNameTooLong: .pathTooLong
                default: .unreachable(error)
                }
            throw ControlClientError(path: path, cause: cause)
        }
    }

    private func content(of line: [UInt8]) throws -> ControlResponse.Content {
        guard let text = String(validating: line, as: UTF8.self),
            let response = try? MessageCoding.decode(ControlResponse.self, from: text),
            response.version == ControlRequest.version
        else { throw ControlClientError(path: path, cause: .unintelligible) }
        return response.content
    }
}

/// Why gradcamd could not be asked.
package struct ControlClientError: Error, CustomStringConvertible {
    package enum Cause: Equatable, Sendable {
        case notRunning
        case notPermitted
        case pathTooLong
        case unreachable(Errno)
        /// Said nothing for so long.
        case silent(Duration)
        /// Ended before it had answered.
        case brokenOff
        case unintelligible
    }

    package let path: FilePath
    package let cause: Cause

    package var description: String {
        switch cause {
        case .notRunning:
            "gradcamd is not running (no one answers at \(path)). Start it: systemctl start gradcamd; "
                + "or name its control.socket with --socket."
        case .notPermitted:
            "You may not ask gradcamd: \(path) is for members of the group that it belongs to. "
                + "Use sudo, or become one: usermod -aG gradcamd USER, then log in again."
        case .pathTooLong:
            "The path of the socket has \(path.length) bytes, and \(LocalSocket.maximumPathLength) fit. "
                + "Set control.socket to a shorter one."
        case .unreachable(let error): "gradcamd cannot be reached at \(path): \(error)."
        case .silent(let patience):
            "gradcamd did not answer within \(Int(patience.inSeconds)) s at \(path). See journalctl -u gradcamd."
        case .brokenOff: "gradcamd ended before it had answered. See journalctl -u gradcamd."
        case .unintelligible:
            "What answers at \(path) is no gradcamd of this release. gradcam and gradcamd must be of one release."
        }
    }

    /// As sysexits.h has it: 69 for no service, 77 for no permission.
    package var exitStatus: Int32 {
        switch cause {
        case .notRunning, .unreachable, .silent, .brokenOff: 69
        case .notPermitted: 77
        case .pathTooLong: 78
        case .unintelligible: 76
        }
    }
}
