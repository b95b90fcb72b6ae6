import SystemPackage

/// Whether the model is there, trusted, and of use: a worker loads it as the service would.
enum ModelChecks {
    /// - Returns: also what libtorch makes of the processor; `nil` where no worker could be asked.
    static func findings(_ settings: Settings) async -> (findings: [Finding], capability: String?) {
        let file = settings.model.file
        do throws(Failure) {
            try ModelTrust.check(file, owner: settings.model.owner)
        } catch {
            return ([finding(error)], nil)
        }
        let trusted = Finding(.model, .ok, "\(file) is there, and only those who may could have written it.")
        do throws(Failure) {
            let worker = try await WorkerProcess.start(
                WorkerLaunch(
                    executable: try WorkerLaunch.findExecutable(), model: file, layers: settings.model.layers,
                    precision: settings.model.precision, threads: settings.workers.threads, limits: settings.limits,
                    startDeadline: settings.workers.startDeadline))
            await worker.stop()
            return ([trusted] + findings(worker.model), worker.model.cpuCapability)
        } catch {
            return ([trusted, finding(error)], nil)
        }
    }

    private static func finding(_ failure: Failure) -> Finding {
        Finding(.model, .problem, failure.message, remedy: failure.remedy)
    }

    static func findings(_ model: ModelDescription) -> [Finding] {
        let layers = model.targets.map(\.path).joined(separator: ", ")
        let loaded = Finding(
            .model, .ok,
            "It loads in libtorch \(model.libtorch): \(model.task), \(model.labels.count) labels, explained at \(layers)."
        )
        let withoutGradient = model.targets.filter { !$0.gradientFlows }.map { target in
            Finding(
                .model, .warning, "No gradient reaches \(target.path): maps show no class.",
                remedy: "Choose other model.layers; gradcam inspect lists them.")
        }
        let guesses = Finding(
            .model, .warning, "It has no card: preprocessing and labels are guesses.",
            remedy: "Write one beside the file; tools/README.md says how.")
        return [loaded] + withoutGradient + (model.preprocessingIsGuessed ? [guesses] : [])
    }
}
