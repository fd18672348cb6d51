// swift-tools-version:6.2
import PackageDescription

/// Strict everywhere: a warning is an error, and existentials and imports are spelled out.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name + "Tests", dependencies: [.byName(name: name)] + dependencies, resources: resources, swiftSettings: strict)
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "mvfleet",
    products: [.executable(name: "mvfleet", targets: ["mvfleet"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"4.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        // System libraries: a module map and inline shims each.
        .systemLibrary(name: "CRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CLibAV", pkgConfig: "libavformat libavcodec libswscale libswresample libavutil",
                       providers: [.apt(["libavformat-dev", "libavcodec-dev", "libswscale-dev", "libswresample-dev", "libavutil-dev"])]),
        .systemLibrary(name: "CSndFile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

        .systemLibrary(name: "CSandbox"),
        // The audio models' weights, taken into the program as they are. See Sources/CWeights/README.md.
        .target(name: "CWeights", exclude: ["README.md"]),

        // Loops over samples, in C that the compiler makes wide.
        .target(name: "CPictures"),
        // Matrix products and what stands between them in a network, for each processor's widest instructions.
        .target(name: "CTensorKernels"),

        // Wrappers: know nothing of the fleet; the only places with unsafe pointers.
        library("RabbitMQ", ["CRabbitMQ", logging]),
        library("PostgreSQL", ["CPostgres", logging]),
        library("NumericKernels", ["COpenBLAS", "CWeights", "Checkpoints"]),
        library("Media", ["CLibAV", "CPictures", "CSndFile"]),
        library("TensorKernels", ["CTensorKernels"]),
        library("Checkpoints", ["CTensorKernels"]),
        library("SentencePiece"),
        library("ChatCompletions", [httpClient, nioCore, nioHTTP, nioPosix, crypto, logging]),

        // Pure libraries: values in, values out.
        library("MusicAnalysis", ["NumericKernels"]),
        library("VisualAnalysis", ["CPictures"]),
        library("Captioning", [crypto], resources: [
            .embedInCode("Prompts/description-v1.prompt"),
            .embedInCode("Prompts/frame-captions-v1.prompt"),
            .embedInCode("Prompts/lyrics-v1.prompt"),
            .embedInCode("Prompts/music-caption-v1.prompt"),
            .embedInCode("Prompts/mv-type-v1.prompt"),
            .embedInCode("Prompts/unified-caption-v1.prompt"),
        ]),
        library("DatasetFormat", ["CZstd", crypto]),
        library("MusicLanguageModel", ["Checkpoints", "NumericKernels", "SentencePiece", "TensorKernels"]),
        library("GGUF", ["CTensorKernels", "MusicLanguageModel", "NumericKernels", "SentencePiece"]),
        // llama.cpp's library by its functions' names, found when the program runs.
        .target(name: "CLibLlama"),
        library("LibLlama", ["CLibLlama", "GGUF", "MusicLanguageModel", "TensorKernels"]),
        library("RemoteLanguageModel", ["ChatCompletions", "Checkpoints", "MusicLanguageModel"]),

        // The fleet.
        library("FleetModel", [crypto]),
        library("Catalogue", ["FleetModel"]),
        library("Ledger", ["FleetModel", "PostgreSQL", logging], resources: [
            .embedInCode("Migrations/0001_ledger.sql"),
            .embedInCode("Migrations/0002_control.sql"),
            .embedInCode("Migrations/0003_ops.sql"),
            .embedInCode("Migrations/0004_worker_version.sql"),
            .embedInCode("Migrations/0005_wide_job_partitions.sql"),
            .embedInCode("Migrations/0006_dispatch_hindrance.sql"),
            .embedInCode("Migrations/0007_language_models.sql"),
        ]),
        library("Fleet", ["CSandbox", "ChatCompletions", "FleetModel", "Ledger", "RabbitMQ", "PostgreSQL", crypto, logging]),
        library("Stages", ["ChatCompletions", "Fleet", "FleetModel", "Ledger", "Media", "MusicAnalysis", "NumericKernels", "VisualAnalysis", "Captioning", "DatasetFormat",
                           "Checkpoints", "LibLlama", "MusicLanguageModel", "RemoteLanguageModel", "TensorKernels"]),
        library("LocalServices", [logging]),
        .executableTarget(name: "mvfleet",
                          dependencies: ["ChatCompletions", nioCore, "Stages", "Fleet", "FleetModel", "Ledger", "PostgreSQL", "RabbitMQ", "Catalogue", "LocalServices", "Media",
                                         "DatasetFormat", "Captioning", "LibLlama", "MusicLanguageModel", "TensorKernels", arguments, logging, yaml],
                          swiftSettings: strict),
        // What the audio models are trained on: the front end's matrices of many files. See scripts/train-audio and scripts/train-harmony.
        .executableTarget(name: "mvfleet-features", dependencies: ["Media", "MusicAnalysis", "NumericKernels"], swiftSettings: strict),

        tests("RabbitMQ", []),
        tests("PostgreSQL", []),
        tests("NumericKernels", []),
        tests("TensorKernels", ["CTensorKernels"]),
        tests("Checkpoints", []),
        tests("SentencePiece", []),
        // A chat-completions server that does on purpose what real ones do at the worst moment; also a program, which other clients can be pointed at.
        .target(name: "ChatServerDouble", dependencies: ["Checkpoints", nioCore, nioHTTP, nioPosix], path: "Tests/ChatServerDouble", swiftSettings: strict),
        .executableTarget(name: "chat-server-double", dependencies: ["Captioning", "ChatServerDouble"], path: "Tests/ChatServerDoubleProgram", swiftSettings: strict),
        tests("ChatCompletions", ["ChatServerDouble", crypto, nioCore, nioHTTP], resources: [.copy("openai_client.py")]),
        tests("Media", ["CLibAV"]),
        tests("MusicAnalysis", ["Media", "NumericKernels"], resources: [.copy("Cases"), .embedInCode("Parity/rhythm.json")]),
        tests("VisualAnalysis", ["CPictures", "Media"]),
        tests("GGUF", ["MusicLanguageModel", "SentencePiece"]),
        tests("RemoteLanguageModel", ["ChatCompletions", "ChatServerDouble", "Checkpoints", "MusicLanguageModel"]),
        tests("LibLlama", ["Checkpoints", "GGUF", "MusicLanguageModel", "SentencePiece", "TensorKernels"]),
        tests("Captioning", []),
        tests("DatasetFormat", []),
        tests("FleetModel", []),
        tests("Catalogue", ["FleetModel"]),
        tests("Ledger", ["FleetModel", "PostgreSQL"]),
        tests("Fleet", ["ChatCompletions", "ChatServerDouble", "FleetModel", "Ledger", "PostgreSQL", logging]),
        .testTarget(name: "FleetIntegrationTests", dependencies: ["Fleet", "FleetModel", "Ledger", "RabbitMQ", "PostgreSQL", logging], swiftSettings: strict),
        // The fault tests' stages, and the program that runs them in processes that may be killed.
        .target(name: "FaultStages", dependencies: ["Fleet", "FleetModel", "Ledger"], path: "Tests/FaultStages", swiftSettings: strict),
        .target(name: "CSkewedClock", path: "Tests/CSkewedClock"),
        .executableTarget(name: "fleet-fault-role", dependencies: ["CSkewedClock", "FaultStages", "Fleet", "FleetModel", "Ledger", "RabbitMQ", "PostgreSQL", logging],
                          path: "Tests/FleetFaultRole", swiftSettings: strict),
        .testTarget(name: "FleetFaultTests",
                    dependencies: ["FaultStages", "Fleet", "FleetModel", "Ledger", "RabbitMQ", "PostgreSQL", "LocalServices", logging], swiftSettings: strict),
        tests("Stages", ["Captioning", "ChatCompletions", "Fleet", "FleetModel", "Media", "MusicAnalysis", "MusicLanguageModel", "TensorKernels", "VisualAnalysis", logging]),
        tests("LocalServices", []),
    ],
    swiftLanguageModes: [.v6]
)

// Only where it is asked for: it has the fuzzer's main function, and links with nothing else. See scripts/fuzz.
if Context.environment["MVFLEET_FUZZ"] != nil {
    package.targets += [
        .executableTarget(name: "fuzz-video", dependencies: ["Media", "VisualAnalysis"], path: "Tests/FuzzVideo", exclude: ["leaks.txt"], swiftSettings: strict),
        .executableTarget(name: "fuzz-model", dependencies: ["Checkpoints", "SentencePiece"], path: "Tests/FuzzModel", exclude: ["leaks.txt"], swiftSettings: strict),
        .executableTarget(name: "fuzz-audio", dependencies: ["Media", "MusicAnalysis"], path: "Tests/FuzzAudio", exclude: ["leaks.txt"], swiftSettings: strict),
    ]
}
