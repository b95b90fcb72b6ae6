import Foundation
import GRDB
import SystemPackage
import Testing

@testable import Core

@Suite("Doctor") struct DoctorChecksTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func makeTree() throws {
        for name in TreeChecks.names {
            try FileManager.default.createDirectory(
                atPath: folder.path.appending(name).string, withIntermediateDirectories: true)
        }
    }

    // MARK: - Tree

    @Test("a tree as the service makes it is well") func goodTree() throws {
        do { _ = try Tree(root: folder.path) }
        let findings = TreeChecks.findings(folder.path)
        #expect(findings.map(\.verdict) == [.ok, .ok, .ok], "\(findings)")
    }

    @Test("a folder that is missing is a problem, an empty tree only news") func missingFolder() throws {
        #expect(TreeChecks.findings(folder.path).map(\.verdict) == [.warning])
        try makeTree()
        for name in ["work", "outbox"] {
            try FileManager.default.removeItem(atPath: folder.path.appending(name).string)
        }
        let findings = TreeChecks.findings(folder.path)
        #expect(findings.map(\.verdict) == [.problem])
        #expect(findings[0].message.contains("lacks work, outbox"))
        #expect(TreeChecks.findings("/nowhere").map(\.verdict) == [.problem])
    }

    @Test("a link in the place of a folder is a problem") func linkedFolder() throws {
        try makeTree()
        let done = folder.path.appending("done").string
        try FileManager.default.removeItem(atPath: done)
        try FileManager.default.createSymbolicLink(atPath: done, withDestinationPath: "/tmp")
        let findings = TreeChecks.findings(folder.path)
        #expect(findings.map(\.verdict) == [.problem])
        #expect(findings[0].message.hasPrefix(done))
    }

    @Test("leases are tried, and nothing of that is left in the inbox") func leases() throws {
        try makeTree()
        let findings = LeaseChecks.findings(inbox: folder.path.appending("inbox"))
        #expect(findings.count == 1 && [.ok, .warning].contains(findings[0].verdict))
        #expect(try folder.names(in: "inbox").isEmpty)
        #expect(LeaseChecks.findings(inbox: "/nowhere").map(\.verdict) == [.unknown])
        #expect(LeaseChecks.finding(whileWritten: 1, afterwards: 0).verdict == .ok)
        #expect(LeaseChecks.finding(whileWritten: -1, afterwards: -1).verdict == .warning)
        // A lease that does not see the writer is worse than none.
        #expect(LeaseChecks.finding(whileWritten: 0, afterwards: 0).verdict == .warning)
    }

    // MARK: - Limits of the system

    @Test("folders of the inbox are counted against the watches that may be had") func watches() throws {
        try makeTree()
        for name in ["inbox/a", "inbox/a/b", "inbox/c"] {
            try FileManager.default.createDirectory(
                atPath: folder.path.appending(FilePath(name).components).string, withIntermediateDirectories: true)
        }
        try folder.write("x", to: "inbox/file.jpg")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path.appending("inbox/link").string, withDestinationPath: "/usr")
        #expect(InotifyChecks.folders(in: folder.path.appending("inbox")) == 4)
        let limits = InotifyLimits(watches: 8, instances: 1, queuedEvents: 16_384)
        #expect(InotifyChecks.watches(4, limits)?.verdict == .ok)
        #expect(InotifyChecks.watches(5, limits)?.verdict == .warning)
        #expect(InotifyChecks.watches(8, limits)?.verdict == .problem)
        #expect(InotifyChecks.queue(limits) == nil)
        #expect(InotifyChecks.queue(.init(watches: 8, instances: 1, queuedEvents: 100))?.verdict == .warning)
    }

    @Test("network file systems are known by their magic number") func fileSystems() {
        // linux/magic.h: NFS_SUPER_MAGIC, CIFS_SUPER_MAGIC, EXT4_SUPER_MAGIC.
        let (nfs, cifs) = (FileSystemKind(magic: 0x6969), FileSystemKind(magic: 0xFF53_4D42))
        let ext4 = FileSystemKind(magic: 0xEF53)
        #expect(nfs.isRemote && cifs.isRemote && !ext4.isRemote)
        #expect(FileSystemChecks.finding(log: "/l", on: nfs).verdict == .problem)
        #expect(FileSystemChecks.finding(inbox: "/i", on: cifs).verdict == .warning)
        #expect(FileSystemChecks.finding(log: "/l", on: ext4).verdict == .ok)
        #expect(FileSystemKind(magic: 0x1234_5678).name == "of type 0x12345678")
        // proc(5) is PROC_SUPER_MAGIC, which nobody puts an inbox on.
        #expect((try? FileSystemKind(of: "/proc"))?.name == "of type 0x9fa0")
    }

    @Test("too few bytes or inodes are a problem") func space() throws {
        #expect(SpaceChecks.finding("/d", .init(bytes: 300 << 20, files: nil), minimum: 256 << 20).verdict == .ok)
        #expect(SpaceChecks.finding("/d", .init(bytes: 255 << 20, files: nil), minimum: 256 << 20).verdict == .problem)
        #expect(SpaceChecks.finding("/d", .init(bytes: 300 << 20, files: 999), minimum: 256 << 20).verdict == .problem)
        #expect(try FreeSpace(at: folder.path).bytes > 0)
    }

    // MARK: - Processor

    private func processor(_ capability: String?, lastRun: String? = nil, flags: Set<String>?, count: Int = 1)
        -> [Finding]
    {
        ProcessorChecks.findings(
            .init(count: count, threads: 2, deadline: .seconds(1), startDeadline: .seconds(1), replacement: .never),
            capability: capability,
            ofLastRun: lastRun, processor: Processor(flags: flags, cores: 4))
    }

    @Test("vector instructions that libtorch does not use are a problem, with the setting that hides them")
    func capability() {
        #expect(processor("AVX2", flags: ["avx2"]).map(\.verdict) == [.ok, .ok])
        #expect(processor("DEFAULT", flags: ["sse2"]).map(\.verdict) == [.ok, .ok])
        #expect(processor("NO", flags: ["avx2", "avx512f"]).map(\.verdict) == [.problem, .ok])
        let inSandbox = processor("AVX512", lastRun: "DEFAULT", flags: ["avx2", "avx512f"])
        #expect(inSandbox.map(\.verdict) == [.ok, .problem, .ok])
        #expect(inSandbox[1].remedy.contains("ProcSubset=pid"))
        #expect(processor("NO", flags: nil).map(\.verdict) == [.problem, .ok])
        #expect(processor(nil, flags: ["avx2"]).map(\.verdict) == [.unknown, .ok])
    }

    @Test("more threads than cores are a warning") func threads() {
        #expect(processor("AVX2", flags: ["avx2"], count: 2)[1].verdict == .ok)
        #expect(processor("AVX2", flags: ["avx2"], count: 3)[1].verdict == .warning)
    }

    @Test("flags are read from /proc/cpuinfo of x86 and ARM") func flags() {
        #expect(
            Processor.flags(in: "processor\t: 0\nflags\t\t: fpu avx2 avx512f\nvmx flags\t: x\n") == [
                "fpu", "avx2", "avx512f",
            ])
        #expect(Processor.flags(in: "processor\t: 0\nFeatures\t: fp asimd\n") == ["fp", "asimd"])
    }

    // MARK: - Log

    @Test("a log of ours is well, and says what the last run was like") func goodLog() throws {
        let path = folder.path.appending("log.db")
        let store = try Store(path: path)
        try store.startRun(RunRecord(version: "1", modelFile: "/m", model: Samples.model, workers: 1))
        let (findings, facts) = DatabaseChecks.findings(path)
        #expect(findings.allSatisfy { $0.verdict == .ok }, "\(findings)")
        #expect(findings.count == 6)
        #expect(facts == .init(newest: nil, cpuCapability: "AVX2"))
    }

    @Test("another program's database, a text, and a damaged log are problems; none is news") func badLogs() throws {
        let path = folder.path.appending("other.db")
        #expect(DatabaseChecks.findings(path).findings.map(\.verdict) == [.warning])
        try DatabaseQueue(path: path.string).write { try $0.execute(sql: "CREATE TABLE t (x)") }
        let other = DatabaseChecks.findings(path).findings
        #expect(other.map(\.verdict) == [.problem] && other[0].message.contains("another program"))
        let text = try folder.write(String(repeating: "no database ", count: 500), to: "text.db")
        #expect(DatabaseChecks.findings(text).findings.map(\.verdict) == [.problem])
        let old = folder.path.appending("old.db")
        do {
            let database = try DatabaseQueue(path: old.string)
            try Schema.migrator.migrate(database, upTo: "1")
            try database.write { try $0.execute(sql: "PRAGMA application_id = \(Schema.applicationID)") }
        }
        let findings = DatabaseChecks.findings(old).findings
        #expect(findings.contains { $0.verdict == .warning && $0.message.contains("version 1") })
        #expect(findings.contains { $0.verdict == .problem && $0.message.contains("journal mode is delete") })
    }

    // MARK: - Clock

    @Test("a clock before the newest row is a problem, one that nobody sets is not known") func clock() {
        let now = Timestamp(milliseconds: 1_800_000_000_000)
        let finding = { (days: Int?, synchronized: Bool?) in
            ClockChecks.finding(
                now: now, newest: days.map { now.advanced(byDays: $0).text }, isSynchronized: synchronized
            ).verdict
        }
        #expect(finding(2, true) == .problem)
        #expect(finding(1, true) == .ok)
        #expect(finding(nil, true) == .ok)
        #expect(finding(-5, false) == .unknown)
        #expect(finding(-5, nil) == .unknown)
    }
}
