import Foundation
import SystemPackage
import Testing

@testable import Core

/// Children that misbehave in ways that the real worker cannot be made to.
@Suite("Worker process", .timeLimit(.minutes(3))) struct WorkerProcessTests {
    private let folder: TemporaryFolder
    private let ready: String

    init() throws {
        folder = try TemporaryFolder()
        ready = try MessageCoding.line(WorkerResponse(id: "", .ready(Samples.model)))
        try folder.write(ready, to: "ready")
    }

    /// - Parameter script: what the child does after it said that it is ready.
    private func start(
        _ script: String, startDeadline: Duration = .seconds(30), deadline: Duration = .seconds(30)
    ) async throws(Failure) -> WorkerProcess {
        let child = folder.path.appending("child")
        do {
            try folder.write("#!/bin/sh\n\(script)\n", to: "child")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: child.string)
        } catch { throw Failure(.internal, "\(error)") }
        return try await WorkerProcess.start(
            WorkerLaunch(
                executable: child, model: "/m", startDeadline: startDeadline, deadline: deadline))
    }

    private var sayReady: String { "cat '\(folder.path)/ready'" }

    private func failure(_ worker: WorkerProcess) async -> Failure? {
        if case .failed(let failure) = await worker.answer(to: WorkerRequest()) { failure } else { nil }
    }

    @Test("a worker that dies of an image says how") func crash() async throws {
        let worker = try await start("\(sayReady); read line; kill -SEGV $$")
        let failure = await failure(worker)
        #expect(failure?.code == .workerCrashed)
        #expect(failure?.message.contains("signal 11 (segmentation fault) instead of answering") == true)
        #expect(await self.failure(worker)?.disposition == .crash)
    }

    @Test("a worker that the kernel killed probably had no memory left") func killedByKernel() async throws {
        let worker = try await start("\(sayReady); read line; kill -KILL $$")
        let failure = await failure(worker)
        #expect(failure?.message.contains("signal 9") == true && failure?.message.contains("out of memory") == true)
        #expect(failure?.remedy.contains("MemoryMax") == true)
    }

    @Test("its number is the child's") func number() async throws {
        let worker = try await start("echo $$ > '\(folder.path)/number'; \(sayReady); exec cat > /dev/null")
        let number = try String(contentsOfFile: folder.path.appending("number").string, encoding: .utf8)
        #expect(number == "\(worker.processIdentifier)\n")
    }

    @Test("a worker that hangs is killed at its deadline") func hang() async throws {
        let worker = try await start("\(sayReady); read line; exec sleep 600", deadline: .milliseconds(300))
        let failure = await failure(worker)
        #expect(failure?.code == .workerOverdue && failure?.remedy.contains("workers.deadline_seconds") == true)
        await worker.stop()
    }

    @Test("a model that does not load in time names the settings for that") func slowStart() async throws {
        let failure = await #expect(throws: Failure.self) {
            try await start("exec sleep 600", startDeadline: .milliseconds(300))
        }
        #expect(failure?.code == .workerOverdue && failure?.message.contains("load its model within 0.3 s") == true)
        #expect(failure?.remedy.contains("workers.start_deadline_seconds") == true)
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
