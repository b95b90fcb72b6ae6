import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// A running gradcam-worker: one network, one image at a time. It may crash, hang or leak: that costs one attempt
/// of one image and this process, never the daemon.
package final class WorkerProcess: Sendable {
    /// A request on its way, and who waits for the answer.
    private struct Job: Sendable {
        let request: WorkerRequest
        let deadline: Duration
        let reply: Reply
    }

    private let jobs: AsyncStream<Job>.Continuation
    private let life: Task<Void, Never>
    private let deadline: Duration
    package let processIdentifier: Int32
    package let model: ModelDescription

    /// Starts a worker and waits until its network is loaded. Where the task is cancelled meanwhile, the worker is killed.
    ///
    /// - Throws: what the worker says about its model, or why it could not be started.
    package static func start(_ launch: WorkerLaunch) async throws(Failure) -> WorkerProcess {
        let (stream, jobs) = AsyncStream.makeStream(of: Job.self)
        // The first answer comes without a request: `ready`, or why the model is of no use.
        let greeting = Job(request: WorkerRequest(), deadline: launch.startDeadline, reply: Reply())
        let identifier = ProcessNumber()
        let life = Task { await Self.live(launch, identifier, greeting: greeting, jobs: stream) }
        let content = await withTaskCancellationHandler {
            await greeting.reply.value
        } onCancel: {
            life.cancel()
        }
        switch content {
        case .ready(let model):
            return WorkerProcess(
                jobs: jobs, life: life, deadline: launch.deadline, processIdentifier: identifier.value, model: model)
        case .failed(let failure):
            jobs.finish()
            await life.value
            throw failure
        case .explained, .inspected:
            jobs.finish()
            await life.value
            throw Failure(.internal, "The worker began with an answer to nothing.")
        }
    }

    private init(
        jobs: AsyncStream<Job>.Continuation, life: Task<Void, Never>, deadline: Duration, processIdentifier: Int32,
        model: ModelDescription
    ) {
        self.jobs = jobs
        self.life = life
        self.deadline = deadline
        self.processIdentifier = processIdentifier
        self.model = model
    }

    deinit { jobs.finish() }

    /// Sends one request and waits for its answer.
    ///
    /// A worker that is dead, or dies of the request, answers with a failure of disposition `crash` and is of no use
    /// afterwards.
    package func answer(to request: WorkerRequest) async -> WorkerResponse.Content {
        let job = Job(request: request, deadline: deadline, reply: Reply())
        if case .terminated = jobs.yield(job) { return .failed(Self.gone) }
        return await job.reply.value
    }

    /// Lets the worker end, and waits for that. To be called when it has answered: one that does not end is killed.
    package func stop() async {
        jobs.finish()
        let killer = Task {
            try await Task.sleep(for: Self.patienceAtEnd)
            life.cancel()
        }
        await life.value
        killer.cancel()
    }

    private static let patienceAtEnd: Duration = .seconds(5)

    private static let gone = Failure(.workerCrashed, "The worker is gone.")
}

// MARK: - The life of the child

extension WorkerProcess {
    /// What ended the conversation with the child.
    private enum End: Sendable {
        /// Nobody has a request any more, or it said why it cannot work.
        case finished
        /// It closed its output instead of answering.
        case silent(Job)
        /// It did not answer in time and was killed.
        case overdue(Job)
        /// What it answered is no message.
        case babbling(Job)
    }

    private static func live(
        _ launch: WorkerLaunch, _ identifier: ProcessNumber, greeting: Job, jobs: AsyncStream<Job>
    ) async {
        do {
            let result = try await Subprocess.run(
                .path(launch.executable), arguments: Arguments(launch.arguments),
                environment: environment(of: launch), platformOptions: ownProcessGroup, input: .inputWriter,
                output: .sequence,
                error: .currentStandardError
            ) { execution in
                identifier.set(execution.processIdentifier.value)
                // Only a line feed ends a message: a text in JSON may hold every other line break.
                var lines = execution.standardOutput.strings(
                    separatedBy: .unicodeScalarSequence(["\n"]),
                    bufferingPolicy: .maxLineLength(MessageCoding.maximumLineLength)
                ).makeAsyncIterator()
                let end = await converse(
                    greeting: greeting, jobs: jobs, send: { _ = try await execution.standardInputWriter.write($0) },
                    receive: { try await lines.next() }, kill: { try? execution.send(signal: .kill) })
                if case .babbling = end { try? execution.send(signal: .kill) }
                try? await execution.standardInputWriter.finish()
                return end
            }
            conclude(result.closureResult, result.terminationStatus, isGreeting: { $0.reply === greeting.reply })
        } catch {
            greeting.reply.give(
                .failed(
                    Failure(
                        .workerMissing, "\(launch.executable) could not be started: \(error).",
                        remedy: "Check that it is there and may be executed.")))
        }
        for await job in jobs { job.reply.give(.failed(gone)) }
    }

    /// Ctrl-C in a terminal goes to the whole group: the daemon stops by itself and lets its workers finish.
    private static var ownProcessGroup: PlatformOptions {
        var options = PlatformOptions()
        options.processGroupID = 0
        return options
    }

    private static func environment(of launch: WorkerLaunch) -> Subprocess.Environment {
        let variables = launch.environment.map { (Environment.Key(stringLiteral: $0), Optional($1)) }
        return .inherit.updating(Dictionary(uniqueKeysWithValues: variables))
    }

    private static func converse(
        greeting: Job, jobs: AsyncStream<Job>, send: (String) async throws -> Void,
        receive: () async throws -> String?, kill: @escaping @Sendable () -> Void
    ) async -> End {
        var waiting = jobs.makeAsyncIterator()
        var next: Job? = greeting
        var isGreeting = true
        while let job = next {
            let isOverdue = Flag()
            let line: String?
            do {
                if !isGreeting { try await send(MessageCoding.line(job.request)) }
                line = try await withDeadline(job.deadline, receive) {
                    isOverdue.raise()
                    kill()
                }
            } catch {
                return .silent(job)
            }
            guard let line else { return isOverdue.isRaised ? .overdue(job) : .silent(job) }
            guard let response = try? MessageCoding.decode(WorkerResponse.self, from: line),
                response.version == WorkerRequest.version, response.id == job.request.id
            else { return .babbling(job) }
            job.reply.give(response.content)
            if isGreeting, case .failed = response.content { return .finished }
            isGreeting = false
            next = await waiting.next()
        }
        return .finished
    }

    private static func conclude(_ end: End, _ status: TerminationStatus, isGreeting: (Job) -> Bool) {
        switch end {
        case .finished: break
        case .silent(let job):
            job.reply.give(.failed(death(status, whileLoading: isGreeting(job))))
        case .overdue(let job):
            let isGreeting = isGreeting(job)
            // Where its own limit leaves too little memory, OpenBLAS asks for it again and again instead of giving up.
            let (act, settings) =
                isGreeting
                ? ("load its model", "start_deadline_seconds or limits.worker_memory_bytes")
                : ("answer", "deadline_seconds")
            job.reply.give(
                .failed(
                    Failure(
                        .workerOverdue, "The worker did not \(act) within \(job.deadline.inSeconds) s and was killed.",
                        remedy: "Raise workers.\(settings) where the model needs longer.")))
        case .babbling(let job):
            job.reply.give(.failed(Failure(.internal, "The worker answered something that is no message.")))
        }
    }
}

extension WorkerProcess {
    private static func death(_ status: TerminationStatus, whileLoading isLoading: Bool) -> Failure {
        let moment = isLoading ? "while it loaded its model" : "instead of answering"
        switch status {
        case .signaled(SIGKILL):
            return Failure(
                .workerCrashed, "The worker was ended by signal 9 \(moment): probably the machine was out of memory.",
                remedy: "Lower limits.max_pixels or workers.count, or raise the service's MemoryMax.")
        case .signaled(let signal):
            let name = [
                SIGABRT: " (abort)", SIGSEGV: " (segmentation fault)", SIGBUS: " (bus error)",
                SIGILL: " (illegal instruction)", SIGFPE: " (arithmetic)",
            ][signal]
            return Failure(
                .workerCrashed, "The worker was ended by signal \(signal)\(name ?? "") \(moment).",
                remedy: "Its last words are in the journal.")
        case .exited(let code):
            return Failure(
                .workerCrashed, "The worker exited with status \(code) \(moment).",
                remedy: "Its last words are in the journal.")
        }
    }
}

/// Runs `body`; calls `overdue` once where that takes longer than `limit`.
private func withDeadline<Result>(
    _ limit: Duration, _ body: () async throws -> Result, overdue: @escaping @Sendable () -> Void
) async throws -> Result {
    let timer = Task {
        try await Task.sleep(for: limit)
        overdue()
    }
    defer { timer.cancel() }
    return try await body()
}

/// The child's, once it runs.
private final class ProcessNumber: Sendable {
    private let number = Atomic<Int32>(0)

    var value: Int32 { number.load(ordering: .acquiring) }

    func set(_ value: Int32) { number.store(value, ordering: .releasing) }
}

private final class Flag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .acquiring) }

    func raise() { value.store(true, ordering: .releasing) }
}

/// A value that comes once and is waited for by one.
private final class Reply: Sendable {
    private let stream: AsyncStream<WorkerResponse.Content>
    private let continuation: AsyncStream<WorkerResponse.Content>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1)) }

    /// Only the first one counts.
    func give(_ content: WorkerResponse.Content) {
        continuation.yield(content)
        continuation.finish()
    }

    var value: WorkerResponse.Content {
        get async {
            for await content in stream { return content }
            return .failed(Failure(.workerCrashed, "The wait for the worker was given up."))
        }
    }
}
