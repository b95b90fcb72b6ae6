import ArgumentParser
import Core
import SystemPackage

struct MetricsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Counters, times and sizes of all services on this machine, as Prometheus reads them.",
        discussion: """
            Asks every service that has a socket at /run/gradcamd*/control.sock. One that does not answer has \
            gradcamd_up 0.

              gradcam metrics | grep gradcamd_queue

            With --http it answers one HTTP request on its standard streams, as gradcamd-metrics.socket starts it:
              curl http://localhost:9464/metrics
            """)

    @Option(
        help: ArgumentHelp("Ask this service instead; may be repeated.", valueName: "path"), completion: .file())
    var socket: [String] = []

    @Flag(help: "Read an HTTP request from standard input, and answer it to standard output.")
    var http = false

    func run() async throws {
        if http {
            await answer(HTTPConnection())
        } else {
            print(await text(), terminator: "")
        }
    }

    private func answer(_ connection: HTTPConnection) async {
        switch connection.receive() {
        case .refused(let status): connection.send(HTTPExchange.refusal(status, date: HTTPConnection.date))
        case .metrics(let isHead):
            connection.send(HTTPExchange.response(.ok, await text(), isHead: isHead, date: HTTPConnection.date))
        case nil: break
        }
        connection.close()
    }

    /// Longer than a service ever needs, and shorter than Prometheus waits by default.
    private static let patience: Duration = .seconds(5)

    private func text() async -> String {
        let found = socket.isEmpty ? ServiceSockets.found() : socket.map { ServiceSockets.named(FilePath($0)) }
        let services = await withTaskGroup(of: (Int, MetricsText.Service).self) { group in
            for (index, service) in found.enumerated() {
                group.addTask { (index, await Self.ask(service)) }
            }
            var answers: [(Int, MetricsText.Service)] = []
            for await answer in group { answers.append(answer) }
            return answers.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return MetricsText(services).text
    }

    private static func ask(_ service: ServiceSockets.Found) async -> MetricsText.Service {
        do {
            let report = try await ControlClient(path: service.path).metrics(patience: patience)
            return .init(name: service.service, report: report)
        } catch {
            StandardError.write("gradcam: \(service.service): \("\(error)".readable)\n")
            return .init(name: service.service, report: nil)
        }
    }
}
