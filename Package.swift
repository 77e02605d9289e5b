// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]
/// Everything above `Bindings`: unsafe code has to be marked, and there should be none to mark.
let safe = strict + [.strictMemorySafety()]

func cLibrary(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/CLibraries/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func tests(_ name: String, of dependencies: [Target.Dependency], reading files: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestSupport"], exclude: files, swiftSettings: safe)
}

let adapters: [Target.Dependency] = ["Engines", "Environments", "Stores", "Outlets"]

let package = Package(
    name: "lifeboat",
    products: [.executable(name: "lifeboat", targets: ["lifeboat"])],
    targets: [
        cLibrary("CPostgres", pkgConfig: "libpq", apt: "libpq-dev"),
        cLibrary("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        cLibrary("CArchive", pkgConfig: "libarchive", apt: "libarchive-dev"),
        cLibrary("CCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
        cLibrary("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        cLibrary("CYaml", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
        cLibrary("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
        // What Swift cannot call: variadic functions, macros, and Linux calls behind _GNU_SOURCE.
        .target(name: "CSystem", dependencies: ["CPostgres", "CCurl", "CArchive", "CMicroHTTPD"], path: "Sources/CLibraries/CSystem"),

        .target(
            name: "Bindings",
            dependencies: ["CPostgres", "CCurl", "CArchive", "CCrypto", "CZlib", "CYaml", "CMicroHTTPD", "CSystem"],
            swiftSettings: strict),
        .target(name: "Documents", dependencies: ["Bindings"], swiftSettings: safe),
        .target(name: "Recovery", dependencies: ["Documents"], swiftSettings: safe),
        .target(name: "Engines", dependencies: ["Recovery", "Documents", "Bindings"], swiftSettings: safe),
        .target(name: "Environments", dependencies: ["Recovery", "Documents", "Bindings"], swiftSettings: safe),
        .target(name: "Stores", dependencies: ["Recovery", "Documents", "Bindings"], swiftSettings: safe),
        .target(name: "Outlets", dependencies: ["Recovery", "Documents", "Bindings"], swiftSettings: safe),
        .executableTarget(
            name: "lifeboat", dependencies: adapters + ["Recovery", "Documents", "Bindings"], swiftSettings: safe),
        // The little application of the demo: it reads the library's database and answers over HTTP.
        .executableTarget(name: "library-app", dependencies: ["Bindings"], swiftSettings: safe),

        .target(name: "TestSupport", dependencies: ["Recovery", "Documents", "Bindings"], path: "Tests/Support", swiftSettings: safe),
        // A program of ours that the tests of child processes and locks start and kill.
        .executableTarget(
            name: "process-fixture", dependencies: ["Bindings"], path: "Tests/Fixtures/process-fixture", swiftSettings: safe),
        tests("BindingsTests", of: ["Bindings", "process-fixture"]),
        tests("DocumentsTests", of: ["Documents", "Bindings"], reading: ["Invalid"]),
        tests("RecoveryTests", of: ["Recovery", "Documents"]),
        tests("EnginesTests", of: ["Engines", "Stores", "Environments", "Recovery", "Documents", "Bindings"]),
        // A program that starts an environment and dies.
        .executableTarget(
            name: "environment-fixture", dependencies: ["Environments", "Recovery", "Bindings"], path: "Tests/Fixtures/environment-fixture",
            swiftSettings: safe),
        tests("EnvironmentsTests", of: ["Environments", "environment-fixture", "Recovery", "Documents", "Bindings"]),
        tests("StoresTests", of: ["Stores", "Recovery", "Documents", "Bindings"]),
        tests("OutletsTests", of: ["Outlets", "Recovery", "Documents", "Bindings"]),
        tests("LifeboatTests", of: adapters + ["lifeboat", "library-app", "Recovery", "Documents", "Bindings"]),
    ]
)
