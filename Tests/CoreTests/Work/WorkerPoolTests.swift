import Foundation
import Glibc
import Logging
import SystemPackage
import Testing

@testable import Core

/// Children that say what the test wrote down for them; each notes its number when it starts.
@Suite("Worker pool", .timeLimit(.minutes(3))) struct WorkerPoolTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.write(MessageCoding.line(WorkerResponse(id: "", .ready(Samples.model))), to: "ready")
        try folder.write(MessageCoding.line(WorkerResponse(id: "", .explained(Samples.explanation()))), to: "explained")
    }

    /// - Parameters:
    ///   - answer: what the child does with each line that it reads.
    ///   - beforeReady: what it does first.
    private func pool(
        size: Int = 1, replacement: WorkerReplacement = .never, named name: String = "child", beforeReady: String = "",
        answer: String
    ) throws -> WorkerPool {
        let child = try folder.writeProgram(
            """
            #!/bin/sh
            cd '\(folder.path)'
            echo $$ >> started
            \(beforeReady)
            cat ready
            while read line; do
            \(answer)
            done
            """, to: name)
        return WorkerPool(
            WorkerLaunch(executable: child, model: "/m"), size: size, replacement: replacement,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func answer(_ failure: Failure) throws -> String {
        try folder.write(MessageCoding.line(WorkerResponse(id: "", .failed(failure))), to: "failed")
        return "cat failed"
    }

    private var started: [Int32] {
        let text = (try? String(contentsOfFile: folder.path.appending("started").string, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { Int32($0) }
    }

    private func until(_ condition: () async -> Bool) async throws {
        while await !condition() { try await Task.sleep(for: .milliseconds(10)) }
    }

    @Test("it reports each worker by its process") func report() async throws {
        let pool = try pool(size: 2, answer: "cat explained")
        _ = try await pool.start()
        _ = try await pool.explain(WorkerRequest())
        let workers = await pool.workers()
        #expect(workers.map(\.processIdentifier) == started.sorted())
        #expect(workers.map(\.images).sorted() == [0, 1])
        #expect(workers.allSatisfy { $0.busySince == nil })
        // A shell with libc: more than a few pages, less than a network.
        #expect(workers.allSatisfy { (100_000..<50_000_000).contains($0.residentBytes ?? 0) })
        #expect(await pool.restarts == 0)
        await pool.stop()
        #expect(await pool.workers().isEmpty)
        #expect(started.allSatisfy { kill($0, 0) != 0 })
    }

    @Test("a worker that works says since when") func busy() async throws {
        let pool = try pool(answer: "touch asked; while [ ! -e go ]; do sleep 0.01; done; cat explained")
        _ = try await pool.start()
        let before = ContinuousClock.now
        async let explanation = pool.explain(WorkerRequest())
        try await until { FileManager.default.fileExists(atPath: folder.path.appending("asked").string) }
        let since = try #require(await pool.workers().first?.busySince)
        #expect(since >= before && since <= .now)
        try folder.write("", to: "go")
        _ = try await explanation
        await pool.stop()
    }

    @Test(
        "a worker that ran out of memory, or of time to decode, is of no more use",
        arguments: [Failure.Code.outOfMemory, .decodeOverdue])
    func ended(code: Failure.Code) async throws {
        let pool = try pool(answer: answer(Failure(code, "So it is.")))
        _ = try await pool.start()
        for _ in 0..<2 {
            let failure = await #expect(throws: Failure.self) { try await pool.explain(WorkerRequest()) }
            #expect(failure?.code == code)
        }
        #expect(started.count == 2)
        #expect(await pool.restarts == 1)
        await pool.stop()
    }

    @Test("a worker that refuses an image goes on") func refuses() async throws {
        let pool = try pool(answer: answer(Failure(.damagedImage, "It is damaged.")))
        _ = try await pool.start()
        for _ in 0..<2 { await #expect(throws: Failure.self) { try await pool.explain(WorkerRequest()) } }
        #expect(started.count == 1)
        await pool.stop()
    }

    @Test("a worker that dies while it loads its model costs no image an attempt") func noSuccessor() async throws {
        // The first one starts, and dies of its image; its successors die at once, until the test mends them.
        let pool = try pool(
            beforeReady: "[ -e mended ] || [ $(wc -l < started) = 1 ] || exit 7",
            answer: "[ -e mended ] || exit 1; cat explained")
        _ = try await pool.start()
        let first = await #expect(throws: Failure.self) { try await pool.explain(WorkerRequest()) }
        #expect(first?.disposition == .crash)
        for _ in 0..<2 {
            let failure = await #expect(throws: Failure.self) { try await pool.explain(WorkerRequest()) }
            #expect(failure?.code == .workerMissing && failure?.disposition == .transient)
            #expect(failure?.message.contains("exited with status 7 while it loaded its model") == true)
        }
        try folder.write("", to: "mended")
        _ = try await pool.explain(WorkerRequest())
        #expect(await pool.restarts == 1)
        await pool.stop()
    }

    @Test("after so many images another worker takes over") func afterImages() async throws {
        let pool = try pool(
            replacement: WorkerReplacement(afterImages: 2, aboveBytes: 0), answer: "cat explained")
        _ = try await pool.start()
        _ = try await pool.explain(WorkerRequest())
        #expect(started.count == 1)
        _ = try await pool.explain(WorkerRequest())
        try await until { await pool.workers().map(\.processIdentifier) == started.suffix(1) && started.count == 2 }
        #expect(await pool.workers().map(\.images) == [0])
        #expect(await pool.restarts == 1)
        try await until { kill(started[0], 0) != 0 }
        await pool.stop()
    }

    @Test("images go on at the old worker while the new one loads its model, and one replaces it, not one for each")
    func whileLoading() async throws {
        let pool = try pool(
            replacement: WorkerReplacement(afterImages: 1, aboveBytes: 0),
            beforeReady: "[ $(wc -l < started) = 1 ] || while [ ! -e go ]; do sleep 0.01; done",
            answer: "cat explained")
        _ = try await pool.start()
        for _ in 0..<3 { _ = try await pool.explain(WorkerRequest()) }
        #expect(await pool.workers().map(\.images) == [3])
        try folder.write("", to: "go")
        try await until { await pool.workers().map(\.images) == [0] }
        #expect(started.count == 2)
        await pool.stop()
    }

    @Test("a worker that grew too large ends, and another takes over") func aboveBytes() async throws {
        let pool = try pool(
            replacement: WorkerReplacement(afterImages: 0, aboveBytes: 1), answer: "cat explained")
        _ = try await pool.start()
        for count in 1...3 {
            _ = try await pool.explain(WorkerRequest())
            try await until { await pool.workers().count == 1 && started.count == count + 1 }
        }
        #expect(await pool.restarts == 3)
        await pool.stop()
    }

    @Test("whoever waits for a worker gets none from a pool that is stopped; a busy one ends after its image")
    func stopped() async throws {
        let pool = try pool(answer: "touch asked; while [ ! -e go ]; do sleep 0.01; done; cat explained")
        _ = try await pool.start()
        async let explanation = pool.explain(WorkerRequest())
        try await until { FileManager.default.fileExists(atPath: folder.path.appending("asked").string) }
        async let next = pool.worker()
        await pool.stop()
        #expect(try await next == nil)
        #expect(await pool.workers().count == 1)
        try folder.write("", to: "go")
        _ = try await explanation
        try await until { await pool.workers().isEmpty && kill(started[0], 0) != 0 }
        #expect(started.count == 1)
    }

    @Test("a worker that is busy beyond its deadline is named, and only that") func overdue() async throws {
        let pool = try pool(size: 2, answer: "cat explained")
        _ = try await pool.start()
        let worker = try #require(try await pool.worker())
        // 120 s, and 15 s for the end of the worker.
        #expect(await pool.overdue(at: .now + .seconds(134)).isEmpty)
        #expect(await pool.overdue(at: .now + .seconds(136)) == [worker.processIdentifier])
        await pool.giveBack(worker)
        #expect(await pool.overdue(at: .now + .seconds(136)).isEmpty)
        await pool.stop()
    }

    @Test("a worker that does not end when it is told to is killed") func stubborn() async throws {
        let pool = try pool(answer: "cat explained")
        _ = try await pool.start()
        kill(started[0], SIGSTOP)
        await pool.stop()
        #expect(kill(started[0], 0) != 0)
    }

    @Test("where no worker can be started any more, those that could do not stay") func startFails() async throws {
        let pool = try pool(size: 3, beforeReady: "[ $(wc -l < started) != 3 ] || exit 7", answer: "cat explained")
        await #expect(throws: Failure.self) { try await pool.start() }
        #expect(started.count == 3 && started.allSatisfy { kill($0, 0) != 0 })
        #expect(await pool.workers().isEmpty)
    }

    @Test("whoever gives up waiting for a model to load leaves no worker behind") func startCancelled() async throws {
        let pool = try pool(beforeReady: "exec sleep 1000", answer: "cat explained")
        let start = Task { try await pool.start() }
        try await until { started.count == 1 }
        start.cancel()
        await #expect(throws: Failure.self) { try await start.value }
        #expect(kill(started[0], 0) != 0)
    }

    // MARK: - Generations

    private func generation(_ pool: WorkerPool, run: Int64) async throws -> Generation {
        try folder.write("abc", to: "m")
        let settings = try await Settings(file: nil, arguments: ["model.file": folder.path.appending("m").string])
        return Generation(
            settings: settings, model: Samples.model, content: try ModelContent(of: settings.model.file), pool: pool,
            run: run)
    }

    @Test("images that wait for an old worker go to the new ones; the one that is at it ends with its generation")
    func handOver() async throws {
        let old = try pool(
            named: "old", answer: "touch asked; while [ ! -e go ]; do sleep 0.01; done; cat explained")
        let new = try pool(size: 2, named: "new", answer: "cat explained")
        _ = try await old.start()
        let generations = Generations(try await generation(old, run: 1))
        let (busy, first) = try await generations.worker()
        async let explanation = first.pool.explain(WorkerRequest(), by: busy)
        try await until { FileManager.default.fileExists(atPath: folder.path.appending("asked").string) }

        let waiting = (0..<20).map { _ in
            Task {
                let (worker, generation) = try await generations.worker()
                _ = try await generation.pool.explain(WorkerRequest(), by: worker)
                return generation.run
            }
        }
        _ = try await new.start()
        generations.replace(by: try await generation(new, run: 2))
        await old.stop()
        for image in waiting { #expect(try await image.value == 2) }
        #expect(await generations.workers().map(\.images).sorted().first == 0)
        #expect(await generations.workers().count == 3)
        try folder.write("", to: "go")
        _ = try await explanation
        try await until { await generations.workers().map(\.processIdentifier) == started.suffix(2).sorted() }
        await new.stop()
        let failure = await #expect(throws: Failure.self) { try await generations.worker() }
        #expect(failure?.disposition == .transient)
    }

    @Test("other settings with the same workers: whoever waits for one is explained under the new ones")
    func sameWorkers() async throws {
        let pool = try pool(answer: "cat explained")
        _ = try await pool.start()
        let generations = Generations(try await generation(pool, run: 1))
        let (worker, first) = try await generations.worker()
        async let waiting = generations.worker()
        generations.replace(by: try await generation(pool, run: 2))
        await first.pool.giveBack(worker)
        #expect(try await waiting.1.run == 2)
        #expect(started.count == 1)
        await pool.stop()
    }

    @Test("all images of many are explained while workers are replaced all the time") func underLoad() async throws {
        let pool = try pool(
            size: 2, replacement: WorkerReplacement(afterImages: 2, aboveBytes: 0), answer: "cat explained")
        _ = try await pool.start()
        let explained = try await withThrowingTaskGroup(of: Void.self, returning: Int.self) { group in
            for _ in 0..<40 { group.addTask { _ = try await pool.explain(WorkerRequest()) } }
            return try await group.reduce(0) { count, _ in count + 1 }
        }
        #expect(explained == 40)
        try await until { await pool.workers().count == 2 }
        await pool.stop()
    }
}

extension WorkerPool {
    /// By whoever is free, as the pipeline does it.
    fileprivate func explain(_ request: WorkerRequest) async throws(Failure) -> Explanation {
        guard let worker = try await worker() else { throw Failure(.workerMissing, "The pool is stopped.") }
        return try await explain(request, by: worker)
    }
}
