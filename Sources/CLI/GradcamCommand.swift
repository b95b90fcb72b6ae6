import ArgumentParser
import Core
import Glibc

@main
struct GradcamCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gradcam",
        abstract: "Shows why a TorchScript model takes a picture for what it takes it for.",
        discussion: """
            'explain' works without any daemon. 'log' and 'report' read what gradcamd logged, also while it runs. 'status', 'why', \
            'sync' and what follows ask the running gradcamd.

            Try it:
              gradcam inspect model.torchscript
              gradcam explain cat.jpg --model model.torchscript
              gradcam log --since 1h --label "tabby"
              gradcam why /srv/gradcamd/inbox/cat.jpg

            Exit status: 0 done; 1 some of several images failed or were refused; 3 the model is a pickled checkpoint; 4 it has no \
            layer to explain, or gradients are blocked; 64 wrong usage; 65 not a TorchScript, or not an image; \
            66 missing or unreadable; 69 gradcamd is not running, or no worker; 70 internal; 74 input/output; \
            75 sync: not everything is finished; 76 gradcamd is of another release; 77 not permitted; 78 settings or \
            card are wrong.
            """,
        version: Version.current,
        subcommands: [
            ExplainCommand.self, InspectCommand.self, LogCommand.self, CheckCommand.self, DoctorCommand.self,
            StatusCommand.self, WhyCommand.self, SyncCommand.self, PauseCommand.self, ResumeCommand.self,
            RescanCommand.self, ReloadCommand.self, RetryCommand.self, ReexplainCommand.self, BackupCommand.self,
            ReportCommand.self, MaintainCommand.self, MetricsCommand.self,
        ])

    /// The command line's own entry, so that errors of ours end with their own status.
    static func main() async {
        // A worker that died must be an error of a write, not our end.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let failure as Failure {
            end("\(failure)", failure.exitStatus)
        } catch let error as ConfigurationError {
            end("\(error)", 78)
        } catch let error as ControlClientError {
            end("\(error)", error.exitStatus)
        } catch let error as StoreError {
            end("\(error)", 66)
        } catch {
            exit(withError: error)
        }
    }

    private static func end(_ message: String, _ status: Int32) -> Never {
        StandardError.write("gradcam: \(message)\n")
        Glibc.exit(status)
    }
}
