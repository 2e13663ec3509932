// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours is built the same way: Swift 6 language mode, and a warning is an error.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

/// An async function without an actor of its own stays on its caller's: in a worker that is the loop's one thread.
/// Swift Testing's own protocols are not ready for it.
let onCallersActor = SwiftSetting.enableUpcomingFeature("NonisolatedNonsendingByDefault")

func module(_ name: String, uses dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict + [onCallersActor])
}

func tests(_ name: String, of dependencies: [Target.Dependency], beside files: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: files, swiftSettings: strict)
}

let package = Package(
    name: "ml-connector",
    products: [.executable(name: "ml-connector", targets: ["ml-connector"])],
    targets: [
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
        .target(name: "CPosix"),
        module("Core"),
        module("Transport", uses: ["Core", "CPosix", "CCurl", "CMicrohttpd", "CExpat"]),
        module("Store", uses: ["Core", "Transport", "CSQLite", "COpenSSL"]),
        module("Systems", uses: ["Core", "Transport"]),
        module("Engine", uses: ["Core", "Transport", "Store"]),
        module("Flows", uses: ["Core", "Transport", "Store", "Systems", "Engine", "CPosix"]),
        module("Host", uses: ["Core", "Transport", "Store", "Engine", "Flows", "CPosix"]),
        module("Simulation", uses: ["Core", "Transport", "Store", "Systems", "Engine", "CSQLite"]),
        module("Sandbox", uses: ["Core", "Transport"]),
        .executableTarget(
            name: "ml-connector",
            dependencies: ["Core", "Transport", "Host", "Sandbox", "Simulation"],
            swiftSettings: strict + [onCallersActor]
        ),
        tests("CoreTests", of: ["Core"]),
        tests("TransportTests", of: ["Core", "Transport", "CPosix"]),
        tests("StoreTests", of: ["Core", "Transport", "Store", "StoreChild"]),
        .executableTarget(
            name: "StoreChild",
            dependencies: ["Core", "Store"],
            path: "Tests/StoreChild",
            swiftSettings: strict
        ),
        tests(
            "SystemsTests",
            of: ["Core", "Transport", "Store", "Systems", "Engine", "Flows", "Sandbox"],
            beside: ["Fixtures"]
        ),
        tests("SandboxTests", of: ["Core", "Transport", "Sandbox"]),
        tests("EngineTests", of: ["Core", "Transport", "Store", "Engine"]),
        tests("FlowsTests", of: ["Core", "Transport", "Store", "Systems", "Engine", "Flows", "Sandbox"]),
        tests("SimulationTests", of: ["Core", "Transport", "Store", "Systems", "Engine", "Simulation"]),
        tests("HostTests", of: ["Core", "Transport", "Store", "Engine", "Flows", "Host"]),
        tests("ProcessTests", of: ["Core", "Transport", "Store", "Engine", "Host", "ml-connector"]),
        tests("PackageTests", of: []),
    ]
)
