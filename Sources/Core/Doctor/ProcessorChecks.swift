/// Whether libtorch uses what the processor has, and the workers fit on it.
enum ProcessorChecks {
    /// - Parameters:
    ///   - capability: as libtorch says it in a worker of ours ("AVX2"); `nil` where none could be asked.
    ///   - lastRun: as the service's workers said it at its last start, inside its sandbox.
    static func findings(
        _ workers: Settings.Workers, capability: String?, ofLastRun lastRun: String?, processor: Processor
    ) -> [Finding] {
        var findings: [Finding] = []
        if let capability {
            findings.append(finding("libtorch here uses \(capability)", capability, processor, remedy: environment))
        } else {
            findings.append(Finding(.processor, .unknown, "No worker could be asked what it makes of the processor."))
        }
        if let lastRun {
            findings.append(
                finding("the service at its last start used \(lastRun)", lastRun, processor, remedy: sandbox))
        }
        return findings + [load(workers, processor)]
    }

    private static let environment = "Unset ATEN_CPU_CAPABILITY, and see that /proc/cpuinfo can be read."
    private static let sandbox =
        "Take ProcSubset=pid out of the unit (it hides /proc/cpuinfo) and ATEN_CPU_CAPABILITY out of its environment."

    private static func finding(
        _ use: String, _ capability: String, _ processor: Processor, remedy: String
    ) -> Finding {
        // libtorch's words where it has no vector instructions: "NO AVX", "DEFAULT".
        let isPlain = capability.hasPrefix("NO") || capability == "DEFAULT"
        guard let flags = processor.flags else {
            return Finding(
                .processor, isPlain ? .problem : .unknown,
                "/proc/cpuinfo cannot be read; \(use).", remedy: remedy)
        }
        let best = flags.contains("avx512f") ? "AVX-512" : flags.contains("avx2") ? "AVX2" : nil
        guard isPlain, let best else {
            return Finding(
                .processor, .ok, "The processor has \(best ?? "no AVX2"); \(use).")
        }
        return Finding(
            .processor, .problem, "The processor has \(best), but \(use): several times slower.",
            remedy: remedy)
    }

    private static func load(_ workers: Settings.Workers, _ processor: Processor) -> Finding {
        let threads = workers.count * workers.threads
        let sum = "\(workers.count) x \(workers.threads) threads on \(processor.cores) cores"
        return threads > processor.cores
            ? Finding(
                .processor, .warning, "\(sum): they wait for each other.",
                remedy: "Lower workers.threads first, then workers.count.")
            : Finding(.processor, .ok, "\(sum).")
    }
}
