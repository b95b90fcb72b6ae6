import Foundation
package import SystemPackage

/// How a worker is started.
package struct WorkerLaunch: Sendable {
    package var executable: FilePath
    package var model: FilePath
    package var layers: [String]
    package var precision: Precision
    package var threads: Int
    package var limits: ImageLimits
    /// For the network to load.
    package var startDeadline: Duration
    /// For one image.
    package var deadline: Duration

    package init(
        executable: FilePath, model: FilePath, layers: [String] = [], precision: Precision = .float32,
        threads: Int = 1, limits: ImageLimits = ImageLimits(), startDeadline: Duration = .seconds(120),
        deadline: Duration = .seconds(120)
    ) {
        self.executable = executable
        self.model = model
        self.layers = layers
        self.precision = precision
        self.threads = threads
        self.limits = limits
        self.startDeadline = startDeadline
        self.deadline = deadline
    }

    package var arguments: [String] {
        ["--model", model.string, "--precision", precision.rawValue, "--threads", "\(threads)"]
            + layers.flatMap { ["--layer", $0] }
            + limits.workerArguments
    }

    /// The threads of OpenMP and OpenBLAS must sleep when they have nothing to do: spinning ones of two workers slow each
    /// other down sevenfold, and those of a worker of two threads its own. (OpenBLAS: 2^4 cycles, the least it takes.) And
    /// memory of an image stays with the process for the next one, up to 256 MiB: to map and clear it anew costs a third
    /// of the time of a large one. One arena, for one thread computes.
    package var environment: [String: String] {
        [
            "OMP_NUM_THREADS": "\(threads)", "OMP_WAIT_POLICY": "PASSIVE", "OPENBLAS_THREAD_TIMEOUT": "4",
            "GLIBC_TUNABLES": Self.tunables.map { "glibc.malloc.\($0.key)=\($0.value)" }.joined(separator: ":"),
        ]
    }

    /// See "Tunables" in the manual of the GNU C Library; bytes.
    private static let tunables = [
        "arena_max": 1, "mmap_threshold": 1 << 30, "trim_threshold": 1 << 28, "top_pad": 1 << 26,
    ]

    /// gradcam-worker beside this program, where a build and a package have it, or where Debian wants helpers.
    ///
    /// - Throws: `Failure` where there is none.
    package static func findExecutable() throws(Failure) -> FilePath {
        let here = FilePath("/proc/self/exe").resolved.removingLastComponent()
        let places = [here.appending("gradcam-worker"), FilePath("/usr/libexec/gradcamd/gradcam-worker")]
        guard let place = places.first(where: { access($0.string, X_OK) == 0 }) else {
            throw Failure(
                .workerMissing,
                "gradcam-worker is neither in \(places[0].removingLastComponent()) nor in /usr/libexec/gradcamd.",
                remedy: "Build it with: swift build -c release")
        }
        return place
    }
}

extension ImageLimits {
    /// As gradcam-worker takes them.
    var workerArguments: [String] {
        [
            "--max-file-bytes", "\(maxFileBytes)", "--max-pixels", "\(maxPixels)", "--max-side", "\(maxSide)",
            "--max-aspect", "\(maxAspect)", "--decode-seconds", "\(decodeSeconds)", "--max-memory-bytes",
            "\(workerMemoryBytes)",
        ]
    }
}

extension FilePath {
    /// What the path leads to when all links are followed; itself where it leads nowhere.
    package var resolved: FilePath {
        guard let resolved = realpath(string, nil) else { return self }
        defer { free(resolved) }
        return FilePath(platformString: resolved)
    }
}
