import Foundation

/// The processor as the kernel describes it.
struct Processor: Equatable {
    /// Of the first core; `nil` where /proc/cpuinfo cannot be read.
    var flags: Set<String>?
    /// Cores that are online.
    var cores: Int

    init(flags: Set<String>?, cores: Int) {
        self.flags = flags
        self.cores = cores
    }

    /// This machine's.
    init() {
        let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
        self.init(flags: text.map(Self.flags), cores: ProcessInfo.processInfo.activeProcessorCount)
    }

    /// x86 calls them flags, ARM Features.
    static func flags(in text: String) -> Set<String> {
        let line = text.split(separator: "\n").first { $0.hasPrefix("flags") || $0.hasPrefix("Features") } ?? ""
        return Set(line.drop { $0 != ":" }.dropFirst().split(separator: " ").map(String.init))
    }
}
