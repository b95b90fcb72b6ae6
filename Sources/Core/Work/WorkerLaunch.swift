import Foundation
package import SystemPackage

/// How a worker is started.
package struct WorkerLaunch: Sendable {
    package var executable: FilePath
    package var model: FilePath
    package var layers: [String]
    package var threads: Int
    package var limits: ImageLimits
    /// For the network to load.
    package var startDeadline: Duration
    /// For one image.
    package var deadline: Duration

    package init(
        executable: FilePath, model: FilePath, layers: [String] = [], threads: Int = 1,
        limits: ImageLimits = ImageLimits(), startDeadline: Duration = .seconds(120), deadline: Duration = .seconds(120)
    ) {
        self.executable = executable
        self.model = model
        self.layers = layers
        self.threads = threads
        self.limits = limits
        self.startDeadline = startDeadline
        self.deadline = deadline
    }

    package var arguments: [String] {
        ["--model", model.string, "--threads", "\(threads)"] + layers.flatMap { ["--layer", $0] }
            + limits.workerArguments
    }

    /// OpenMP's threads must sleep between images: spinning ones of two workers slow each other down sevenfold.
    package var environment: [String: String] {
        ["OMP_NUM_THREADS": "\(threads)", "OMP_WAIT_POLICY": "PASSIVE", "MALLOC_ARENA_MAX": "2"]
    }

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
