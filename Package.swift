// swift-tools-version: 6.2
import Foundation
import PackageDescription

// libtorch: Debian's by default; another one (newer, CUDA) by LIBTORCH=/path/to/torch at build time.
// Its root holds include/ and lib/, as in the zip from pytorch.org and in pip's site-packages/torch.
let libtorch = ProcessInfo.processInfo.environment["LIBTORCH"]

let torchIncludeFlags: [String] =
    if let libtorch {
        ["-isystem", "\(libtorch)/include", "-isystem", "\(libtorch)/include/torch/csrc/api/include"]
    } else {
        ["-isystem", "/usr/include/torch/csrc/api/include"]
    }

let torchLinkerSettings: [LinkerSetting] =
    if let libtorch {
        [
            .unsafeFlags(
                ["-L\(libtorch)/lib", "-Xlinker", "--no-as-needed"]
                    + libtorchRunPaths(libtorch).flatMap { path in
                        ["-Xlinker", "-rpath", "-Xlinker", path, "-Xlinker", "-rpath-link", "-Xlinker", path]
                    }),
            .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
        ]
    } else {
        // Debian's libtorch uses the system's oneDNN, and so does the shim.
        [.linkedLibrary("torch_cpu"), .linkedLibrary("c10"), .linkedLibrary("dnnl")]
    }

/// Where a libtorch from elsewhere finds its own libraries: lib/, and the CUDA wheels beside a pip installation.
func libtorchRunPaths(_ libtorch: String) -> [String] {
    let nvidia = "\(libtorch)/../nvidia"
    let wheels = (try? FileManager.default.contentsOfDirectory(atPath: nvidia)) ?? []
    return ["\(libtorch)/lib"] + wheels.sorted().map { "\(nvidia)/\($0)/lib" }
}

let warnings = ["-Wall", "-Wextra"]

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "gradcamd",
    products: [
        .executable(name: "gradcamd", targets: ["Daemon"]),
        .executable(name: "gradcam-worker", targets: ["Worker"]),
        .executable(name: "gradcam", targets: ["CLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "CLinux", path: "Sources/CShims/CLinux"),
        .systemLibrary(
            name: "CSystemd", path: "Sources/CShims/CSystemd", pkgConfig: "libsystemd",
            providers: [.apt(["libsystemd-dev"])]),
        .target(
            name: "CTorch", path: "Sources/CShims/CTorch",
            cxxSettings: [.unsafeFlags(torchIncludeFlags + warnings)],
            linkerSettings: torchLinkerSettings),
        .target(
            name: "COpenCV", path: "Sources/CShims/COpenCV",
            cxxSettings: [.unsafeFlags(["-isystem", "/usr/include/opencv4"] + warnings)],
            linkerSettings: [
                .linkedLibrary("opencv_core"), .linkedLibrary("opencv_imgproc"), .linkedLibrary("opencv_imgcodecs"),
                .linkedLibrary("jpeg"),
            ]),
        .target(
            name: "Core",
            dependencies: [
                "CLinux", crypto, grdb, logging, serviceLifecycle, system,
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "Worker", dependencies: ["Core", "CLinux", "CTorch", "COpenCV", argumentParser, system],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "Daemon",
            dependencies: [
                "Core", "CLinux", "CSystemd", argumentParser, logging, serviceLifecycle, system,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "CLI", dependencies: ["Core", argumentParser, logging, system],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "CoreTests", dependencies: ["Core", "CLI", "Daemon", grdb, logging, system],
            exclude: ["Detection/Fixtures"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "EngineTests", dependencies: ["Core", "Worker", "CTorch", "COpenCV", system],
            exclude: ["Fixtures"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "ServiceTests", dependencies: ["Core", system],
            exclude: ["systemd"],
            swiftSettings: swiftSettings),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: libtorch == nil ? .cxx17 : .cxx20
)
