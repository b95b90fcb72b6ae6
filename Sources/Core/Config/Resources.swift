import CLinux
import Foundation

/// What this process may use of the machine.
package struct Resources: Equatable, Sendable {
    /// At least 1.
    package var processors: Int
    package var memoryBytes: Int

    package init(processors: Int, memoryBytes: Int) {
        self.processors = processors
        self.memoryBytes = memoryBytes
    }

    /// The machine's, less what taskset(1) and the limits of the control group take away (CPUQuota= and MemoryMax= of
    /// a unit, a container's limits). All of it stays the same while workers come and go.
    package init() {
        self.init(
            processors: Int(clinux_usable_processors()),
            memoryBytes: Int(clamping: ProcessInfo.processInfo.physicalMemory),
            limitedBy: ControlGroup.folders(in: (try? Self.text("/proc/self/cgroup")) ?? ""))
    }

    /// - Parameter groups: folders with cpu.max and memory.max; what is not there limits nothing.
    init(processors: Int, memoryBytes: Int, limitedBy groups: [String]) {
        let quotas = groups.compactMap { ControlGroup.processors(inMax: (try? Self.text("\($0)/cpu.max")) ?? "") }
        let limits = groups.compactMap { ControlGroup.bytes(inMax: (try? Self.text("\($0)/memory.max")) ?? "") }
        self.init(
            processors: max(1, ([processors] + quotas).min() ?? 1),
            memoryBytes: ([memoryBytes] + limits).min() ?? memoryBytes)
    }

    private static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}

/// Files of cgroup v2: https://docs.kernel.org/admin-guide/cgroup-v2.html
enum ControlGroup {
    private static let root = "/sys/fs/cgroup"

    /// The group's own folder and those above it, each of which limits it.
    /// - Parameter text: of /proc/self/cgroup.
    static func folders(in text: String) -> [String] {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return [] }
        var folders = [root]
        for name in line.dropFirst(4).split(separator: "/") where name != ".." {
            folders.append("\(folders[folders.count - 1])/\(name)")
        }
        return folders
    }

    /// Whole processors of "150000 100000", a quota and its period; `nil` for "max".
    static func processors(inMax text: String) -> Int? {
        let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard numbers.count == 2, numbers[0] > 0, numbers[1] > 0 else { return nil }
        return max(1, numbers[0] / numbers[1])
    }

    /// `nil` for "max".
    static func bytes(inMax text: String) -> Int? { Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) }
}
