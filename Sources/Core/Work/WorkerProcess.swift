import Glibc
import SystemPackage

/// A running gradcam-worker: one network, one image at a time. It may crash, hang or leak: that costs one attempt
/// of one image and this process, never the daemon.
package final class WorkerProcess: Sendable {
    private let conversation: ChildConversation
    private let deadline: Duration
    package let processIdentifier: Int32
    package let model: ModelDescription

    /// Starts a worker and waits until its network is loaded. Where the task is cancelled meanwhile, the worker is killed.
    ///
    /// - Throws: what the worker says about its model, or why it could not be started.
    package static func start(_ launch: WorkerLaunch) async throws(Failure) -> WorkerProcess {
        let conversation = ChildConversation(name: "worker")
        let child = try await conversation.begin(
            launch.executable, arguments: launch.arguments, environment: launch.environment, leadsGroup: true)
        // The first answer comes without a request: `ready`, or why the model is of no use.
        let greeting = await withTaskCancellationHandler {
            await ask(nil, of: conversation, within: launch.startDeadline)
        } onCancel: {
            child.kill()
        }
        switch greeting {
        case .ready(let model):
            return WorkerProcess(
                conversation: conversation, deadline: launch.deadline,
                processIdentifier: child.processIdentifier, model: model)
        case .failed(let failure):
            await conversation.end()
            throw failure
        case .explained, .inspected:
            await conversation.end()
            throw Failure(.internal, "The worker began with an answer to nothing.")
        }
    }

    private init(
        conversation: ChildConversation, deadline: Duration, processIdentifier: Int32, model: ModelDescription
    ) {
        self.conversation = conversation
        self.deadline = deadline
        self.processIdentifier = processIdentifier
        self.model = model
    }

    deinit {
        // Nobody has a request any more.
        Task { [conversation] in await conversation.end() }
    }

    /// Sends one request and waits for its answer.
    ///
    /// A worker that is dead, or dies of the request, answers with a failure of disposition `crash` and is of no use
    /// afterwards.
    package func answer(to request: WorkerRequest) async -> WorkerResponse.Content {
        await Self.ask(request, of: conversation, within: deadline)
    }

    /// Lets the worker end, and waits for that. To be called when it has answered: one that does not end is killed.
    package func stop() async { await conversation.end() }

    /// - Parameter request: `nil` while the network loads.
    private static func ask(
        _ request: WorkerRequest?, of conversation: ChildConversation, within limit: Duration
    ) async -> WorkerResponse.Content {
        let answer: ChildConversation.Answer<WorkerResponse> = await conversation.ask(request, within: limit) {
            $0.version == WorkerRequest.version && $0.id == request?.id ?? ""
        }
        return switch answer {
        case .message(let response): response.content
        case .overdue: .failed(overdue(limit, whileLoading: request == nil))
        case .silent(let end): .failed(death(end, whileLoading: request == nil))
        case .babbling: .failed(Failure(.internal, "The worker answered something that is no message."))
        case .gone: .failed(Failure(.workerCrashed, "The worker is gone."))
        }
    }
}

// MARK: - What is said of its end

extension WorkerProcess {
    private static func overdue(_ deadline: Duration, whileLoading isLoading: Bool) -> Failure {
        // Where its own limit leaves too little memory, OpenBLAS asks for it again and again instead of giving up.
        let (act, settings) =
            isLoading
            ? ("load its model", "start_deadline_seconds or limits.worker_memory_bytes")
            : ("answer", "deadline_seconds")
        return Failure(
            .workerOverdue, "The worker did not \(act) within \(deadline.inSeconds) s and was killed.",
            remedy: "Raise workers.\(settings) where the model needs longer.")
    }

    private static func death(_ end: ChildProcess.End, whileLoading isLoading: Bool) -> Failure {
        let moment = isLoading ? "while it loaded its model" : "instead of answering"
        switch end {
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
        case .killed:
            return Failure(
                .workerCrashed, "The worker closed its output \(moment), and did not end.",
                remedy: "Its last words are in the journal.")
        }
    }
}
