import CTorch
import Core
import Foundation
import SystemPackage
import Testing

/// The real worker with --precision.
@Suite("Worker: precision", .timeLimit(.minutes(3))) struct WorkerPrecisionTests {
    private let bench: WorkerBench

    init() throws { bench = try WorkerBench() }

    private func refusal(_ start: () async throws -> WorkerProcess) async -> Failure? {
        do {
            await (try start()).stop()
            return nil
        } catch { return error as? Failure }
    }

    @Test("the worker says which precision runs; float32 is the default") func description() async throws {
        let worker = try await bench.worker("resnet18.pt")
        #expect(worker.model.precision == .float32)
        await worker.stop()
        guard ctorch_bfloat16_supported() else {
            let failure = await refusal { try await bench.worker("resnet18.pt", precision: .bfloat16) }
            #expect(failure?.code == .precisionUnsupported)
            return
        }
        let fast = try await bench.worker("resnet18.pt", precision: .bfloat16)
        #expect(fast.model.precision == .bfloat16)
        await fast.stop()
    }

    @Test("a processor without it: what it lacks, and the setting") func olderProcessor() async throws {
        // oneDNN's own way to see an older processor.
        let script = bench.file("older-processor").path
        let text = "#!/bin/sh\nONEDNN_MAX_CPU_ISA=AVX2 exec '\(WorkerBench.program)' \"$@\"\n"
        try text.write(toFile: script.string, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.string)
        let model = try bench.fixture("resnet18.pt")
        let failure = await refusal {
            try await WorkerProcess.start(WorkerLaunch(executable: script, model: model, precision: .bfloat16))
        }
        #expect(failure?.code == .precisionUnsupported && failure?.exitStatus == 65)
        if String(cString: ctorch_version()).hasPrefix("1.") {
            #expect(
                failure?.message
                    == "The network cannot run in bfloat16: the processor has neither avx512_bf16 nor amx_bf16.")
        }
        #expect(failure?.remedy.contains("model.precision") == true)
        let exact = try await WorkerProcess.start(WorkerLaunch(executable: script, model: model))
        #expect(exact.model.precision == .float32)
        await exact.stop()
    }

    @Test("a network that is beyond: how far, and the setting") func cancelling() async throws {
        let failure = await refusal { try await bench.worker("cancelling.pt", precision: .bfloat16) }
        #expect(failure?.code == .precisionUnsupported && failure?.remedy.contains("--precision float32") == true)
        if ctorch_bfloat16_supported() { #expect(failure?.message.contains("by 100 % of the largest") == true) }
    }
}
