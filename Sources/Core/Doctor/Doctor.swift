/// Looks at everything that the service needs, and changes nothing that stays. Its checks block, so it has a thread of
/// its own.
package actor Doctor {
    private let executor = ThreadExecutor(name: "doctor")
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let settings: Settings

    package init(_ settings: Settings) { self.settings = settings }

    /// All checks, in the order in which the service needs what they look at.
    package func examine() async -> [Finding] {
        let (model, capability) = await ModelChecks.findings(settings)
        let (log, facts) = DatabaseChecks.findings(settings.log.file)
        return model
            + ProcessorChecks.findings(
                settings.workers, capability: capability, ofLastRun: facts.cpuCapability, processor: Processor())
            + TreeChecks.findings(settings.root)
            + FileSystemChecks.findings(root: settings.root, log: settings.log.file)
            + LeaseChecks.findings(inbox: settings.root.appending("inbox"))
            + InotifyChecks.findings(inbox: settings.root.appending("inbox"), limits: InotifyLimits())
            + SpaceChecks.findings(root: settings.root, log: settings.log.file, minimum: settings.minFreeBytes)
            + log + [ClockChecks.finding(now: .now, newest: facts.newest, isSynchronized: SystemClock.isSynchronized)]
    }
}
