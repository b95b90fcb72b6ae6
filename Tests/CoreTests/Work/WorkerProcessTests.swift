import Foundation
import SystemPackage
import Testing

@testable import Core

/// Children that misbehave in ways that the real worker cannot be made to.
@Suite("Worker process", .timeLimit(.minutes(1))) struct WorkerProcessTests {
    private let folder: TemporaryFolder
    private let ready: String

    init() throws {
        folder = try TemporaryFolder()
        ready = try MessageCoding.line(WorkerResponse(id: "", .ready(Samples.model)))
        try folder.write(ready, to: "ready")
    }

    /// - Parameter script: what the child does after it said that it is ready.
    private func start(_ script: String, deadline: Duration = .seconds(30)) async throws(Failure) -> WorkerProcess {
        let child = folder.path.appending("child")
        do {
            try folder.write("#!/bin/sh\n\(script)\n", to: "child")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: child.string)
        } catch { throw Failure(.internal, "\(error)") }
        return try await WorkerProcess.start(
            WorkerLaunch(
                executable: child, model: "/m", startDeadline: .seconds(30), deadline: deadline))
    }

    private var sayReady: String { "cat '\(folder.path)/ready'" }

    private func failure(_ worker: WorkerProcess) async -> Failure? {
        if case .failed(let failure) = await worker.answer(to: WorkerRequest()) { failure } else { nil }
    }

    @Test("a worker that dies of an image says how") func crash() async throws {
        let worker = try await start("\(sayReady); read line; kill -SEGV $$")
        let failure = await failure(worker)
        #expect(failure?.code == .workerCrashed)
        #expect(failure?.message.contains("signal 11") == true)
        #expect(await self.failure(worker)?.disposition == .crash)
    }

    @Test("a worker that hangs is killed at its deadline") func hang() async throws {
        let worker = try await start("\(sayReady); read line; exec sleep 600", deadline: .milliseconds(300))
        #expect(await failure(worker)?.code == .workerOverdue)
        await worker.stop()
    }

    @Test("a worker that answers nonsense is of no use") func nonsense() async throws {
        let worker = try await start("\(sayReady); read line; echo '{\"kind\":\"explained\"}'; exec cat > /dev/null")
        #expect(await failure(worker)?.code == .internal)
    }

    @Test("an answer to another request is not taken") func otherAnswer() async throws {
        let line = try MessageCoding.line(WorkerResponse(id: "other", .explained(Samples.explanation())))
        try folder.write(line, to: "other")
        let worker = try await start("\(sayReady); read line; cat '\(folder.path)/other'; exec cat > /dev/null")
        #expect(await failure(worker)?.code == .internal)
    }

    @Test("a worker that cannot start says why its model is of no use") func refuses() async throws {
        let line = try MessageCoding.line(
            WorkerResponse(id: "", .failed(Failure(.modelPickled, "It is a pickle.", remedy: "Export it."))))
        try folder.write(line, to: "refusal")
        let failure = await #expect(throws: Failure.self) { try await start("cat '\(folder.path)/refusal'; exit 3") }
        #expect(failure?.code == .modelPickled && failure?.remedy == "Export it.")
    }

    @Test("a program that is not there is a failure, not a crash of ours") func missing() async throws {
        let failure = await #expect(throws: Failure.self) {
            try await WorkerProcess.start(WorkerLaunch(executable: "/nowhere/worker", model: "/m"))
        }
        #expect(failure?.code == .workerMissing)
    }

    @Test("stopping closes the child's input, and waits until it is gone") func stop() async throws {
        let gone = folder.path.appending("gone")
        let worker = try await start("\(sayReady); cat > /dev/null; touch '\(gone)'")
        await worker.stop()
        #expect(FileManager.default.fileExists(atPath: gone.string))
    }
}
