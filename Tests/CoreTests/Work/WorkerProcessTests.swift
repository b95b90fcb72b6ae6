import Foundation
import Glibc
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
        let child: FilePath
        do { child = try folder.writeProgram("#!/bin/sh\n\(script)\n", to: "child") } catch {
            throw Failure(.internal, "\(error)")
        }
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

    @Test("a worker that closes its output and lives on is killed") func silentAndAlive() async throws {
        let worker = try await start("\(sayReady); read line; exec sleep 600 > /dev/null")
        let failure = await failure(worker)
        #expect(failure?.code == .workerCrashed && failure?.message.contains("did not end") == true)
        #expect(kill(worker.processIdentifier, 0) == -1 && errno == ESRCH)
    }

    @Test("an answer comes whole however it is cut, and with every line break but its last") func pieces() async throws
    {
        var explanation = Samples.explanation()
        explanation.notes = ["one\u{2028}two\r\u{85}three \(String(repeating: "ü", count: 200_000))"]
        try folder.write(try MessageCoding.line(WorkerResponse(id: "", .explained(explanation))), to: "answer")
        let worker = try await start(
            "\(sayReady); while read line; do dd if='\(folder.path)/answer' bs=4099 status=none; done")
        for _ in 0..<3 {
            #expect(await worker.answer(to: WorkerRequest()) == .explained(explanation))
        }
        await worker.stop()
    }

    @Test("a request that is larger than a pipe comes through; one that nobody reads ends with the deadline")
    func largeRequest() async throws {
        var request = WorkerRequest()
        request.targets = [String(repeating: "x", count: 1 << 20)]
        let expected = try MessageCoding.line(request).utf8.count
        let counting = try await start(
            "\(sayReady); head -n 1 | wc -c > '\(folder.path)/count'; exec cat > /dev/null",
            deadline: .milliseconds(1500))
        _ = await counting.answer(to: request)
        let count = try String(contentsOfFile: folder.path.appending("count").string, encoding: .utf8)
        #expect(Int(count.trimmingCharacters(in: .whitespacesAndNewlines)) == expected)
        let deaf = try await start("\(sayReady); exec sleep 600", deadline: .milliseconds(300))
        if case .failed(let failure) = await deaf.answer(to: request) {
            #expect(failure.code == .workerOverdue)
        } else {
            Issue.record("it answered")
        }
    }

    @Test("an answer without an end is no message") func endless() async throws {
        let worker = try await start("\(sayReady); read line; exec cat /dev/zero")
        #expect(await failure(worker)?.code == .internal)
    }

    @Test("a child has none of our descriptors, no signal blocked or ignored, and a group of its own")
    func inheritance() async throws {
        let ours = open("/dev/null", O_RDONLY)
        defer { close(ours) }
        signal(SIGPIPE, SIG_IGN)
        let worker = try await start(
            """
            ls /proc/$$/fd > '\(folder.path)/files'; cat /proc/self/status > '\(folder.path)/status'
            cut -d ' ' -f 5 /proc/$$/stat > '\(folder.path)/group'; \(sayReady); exec cat > /dev/null
            """)
        func text(_ name: String) throws -> String {
            try String(contentsOfFile: folder.path.appending(name).string, encoding: .utf8)
        }
        // The shell keeps its script open at 10 or above; while it forks, it blocks signals itself.
        let files = try text("files").split(separator: "\n").compactMap { Int($0) }.filter { $0 < 10 }
        #expect(files == [0, 1, 2])
        // posix_spawn(3) of glibc leaves its own two ignored, 32 and 33.
        let internalSignals: UInt64 = 0b11 << 31
        let masks = try text("status").split(separator: "\n").filter {
            $0.hasPrefix("SigBlk:") || $0.hasPrefix("SigIgn:")
        }.compactMap { UInt64($0.split(separator: "\t").last ?? "", radix: 16) }
        #expect(masks.map { $0 & ~internalSignals } == [0, 0])
        #expect(try text("group") == "\(worker.processIdentifier)\n")
        await worker.stop()
    }

    @Test("the environment is ours, with what the launch says in its place") func environment() async throws {
        setenv("OMP_NUM_THREADS", "7", 1)
        let worker = try await start("env > '\(folder.path)/env'; \(sayReady); exec cat > /dev/null")
        let lines = try String(contentsOfFile: folder.path.appending("env").string, encoding: .utf8)
            .split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("OMP_NUM_THREADS=") } == ["OMP_NUM_THREADS=1"])
        #expect(lines.contains { $0.hasPrefix("PATH=") } && lines.contains("OMP_WAIT_POLICY=PASSIVE"))
        await worker.stop()
    }

    @Test("a start that is cancelled kills the child") func cancelled() async throws {
        let child = folder.path
        let task = Task {
            try await start(
                "echo $$ > '\(child)/number.part'; mv '\(child)/number.part' '\(child)/number'; exec sleep 600")
        }
        let number = child.appending("number").string
        while !FileManager.default.fileExists(atPath: number) { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        await #expect(throws: Failure.self) { try await task.value }
        let text = try String(contentsOfFile: number, encoding: .utf8)
        let process = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(kill(process, 0) == -1 && errno == ESRCH)
    }

    @Test("a worker that nobody has any more ends, and is reaped") func forgotten() async throws {
        var worker: WorkerProcess? = try await start("\(sayReady); exec cat > /dev/null")
        let process = try #require(worker?.processIdentifier)
        worker = nil
        while kill(process, 0) == 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(worker == nil)
    }
}
