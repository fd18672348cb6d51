import ArgumentParser
import ChatCompletions
import FleetModel
import Foundation
import MusicLanguageModel
import Stages
import TensorKernels

/// Captions have templates of their own.
typealias PredictionTemplate = PromptTemplate

extension WeightFormat: ExpressibleByArgument {}
extension MeanSubtraction: ExpressibleByArgument {}
extension PromptTemplate: ExpressibleByArgument {}
extension PromptTemplate.Beginning: ExpressibleByArgument {}
extension PredictionSettings.Backend: ExpressibleByArgument {}

/// How the paper's model predicts: part of a job's recipes. All else is said with --recipe.
struct PredictionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("What predictions are made from: 1 music, 2 genres, 3 MV type, 4 lyrics, joined by '+'; or none. Default: 1+2+3+4.", valueName: "1+2+3+4|none"))
    var inputs: String?
    @Option(help: ArgumentHelp("What runs the language model. Default: native.", valueName: PredictionSettings.Backend.allCases.map(\.rawValue).joined(separator: "|")))
    var backend: PredictionSettings.Backend?
    @Option(help: ArgumentHelp("How the language model's weights are kept in memory. Default: f32 where they take no more than 4 GB, bf16 otherwise.",
                               valueName: WeightFormat.allCases.map(\.rawValue).joined(separator: "|")))
    var weights: WeightFormat?

    func validate() throws {
        if let inputs, InputSwitches(inputs) == nil { throw ValidationError("--inputs is '\(inputs)': join what is wanted of 1 (music), 2 (genres), 3 (MV type) and 4 (lyrics) by '+', or write none") }
        if backend == .vllm, weights != nil { throw ValidationError("--weights is for models in this program: a vLLM server chooses its own") }
    }
}

/// The paper's model, where a command's `--model` names something else.
struct MusicModelOptions: ParsableArguments {
    @Option(name: .customLong("music-model"), help: ArgumentHelp(
        "A directory with the paper's model: then each clip also gets its prediction, or its embedding where there is only the audio tower.",
        discussion: "Also MVFLEET_MODEL, or music_model in the configuration file. 'mvfleet model inspect DIR' says what is in it.", valueName: "dir"))
    var directory: String?
}

/// How this machine runs the paper's model: no part of any recipe.
struct MusicMachineOptions: ParsableArguments {
    @Option(name: .customLong("model-url"), help: ArgumentHelp("A vLLM server with prompt embeddings, up to and with /v1. Also MVFLEET_MODEL_URL.", valueName: "url")) var url: String?
    @Option(name: .customLong("model-name"), help: ArgumentHelp("The model's name on that server. Also MVFLEET_MODEL_NAME.", discussion: "Its key, where it wants one, is in MVFLEET_MODEL_KEY.", valueName: "name")) var name: String?
    @Option(name: .customLong("model-threads"), help: ArgumentHelp("Threads that the model computes on. Default: one per processor.", valueName: "n")) var threads: Int?
    @Option(name: .customLong("model-batch"), help: ArgumentHelp("Texts that are written at the same time, and recordings that go through the audio tower together. Default: 8.", valueName: "n")) var batch: Int?
    @Option(name: .customLong("model-wait"), help: ArgumentHelp("How long a recording waits for others to go through the audio tower with. Default: 20.", valueName: "ms")) var waitMs: Int?

    func validate() throws {
        if let threads, !(1...1_024).contains(threads) { throw ValidationError("--model-threads is \(threads): give 1 to 1024") }
        if let batch, !(1...1_024).contains(batch) { throw ValidationError("--model-batch is \(batch): give 1 to 1024") }
        if let waitMs, !(0...60_000).contains(waitMs) { throw ValidationError("--model-wait is \(waitMs): give 0 to 60000 milliseconds") }
    }
}

/// The configuration file's section `music_model`.
struct MusicModelSection: Decodable, Sendable {
    /// One directory, or several with a checkpoint each.
    var directory: String?
    var directories: [String]?
    var url: String?
    var name: String?
    /// The name that the model has on that server without its LoRA adapters, where it has one.
    var base_name: String?
    /// The variable that holds the server's key.
    var key_env: String?
    var threads: Int?
    var batch: Int?
    var wait_ms: Int?
}

/// How the paper's model runs here: flags over the environment over the configuration file over defaults.
struct MusicMachine: Sendable {
    var server: CheckpointLoader.Server?
    var threads: Int
    var batch: Int
    var wait: Duration

    init(_ options: MusicMachineOptions, _ section: MusicModelSection?, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        func within(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws -> Int {
            guard range.contains(value) else { throw FleetError("configuration.invalid", "music_model: \(name) is \(value): give \(range.lowerBound) to \(range.upperBound)") }
            return value
        }
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let url = options.url ?? variable("MVFLEET_MODEL_URL") ?? section?.url {
            guard let name = options.name ?? variable("MVFLEET_MODEL_NAME") ?? section?.name else {
                throw FleetError("configuration.invalid", "--model-url \(url) needs the model's name there: give --model-name (or MVFLEET_MODEL_NAME, or 'name' in music_model)")
            }
            server = CheckpointLoader.Server(url: url, model: name, plainModel: section?.base_name, key: variable(section?.key_env ?? "MVFLEET_MODEL_KEY").map { APIKey($0) })
        }
        threads = try within("threads", options.threads ?? section?.threads ?? ProcessInfo.processInfo.activeProcessorCount, 1...1_024)
        batch = try within("batch", options.batch ?? section?.batch ?? 8, 1...1_024)
        wait = .milliseconds(try within("wait_ms", options.waitMs ?? section?.wait_ms ?? 20, 0...60_000))
    }
}

extension FleetConfiguration {
    /// The directories with the paper's model: flags over the environment (several joined by ':') over the file; empty where none is named.
    func musicModelDirectories(_ given: [String], environment: [String: String] = ProcessInfo.processInfo.environment) -> [String] {
        if !given.isEmpty { return given }
        if let variable = environment["MVFLEET_MODEL"], !variable.isEmpty { return variable.split(separator: ":").map(String.init) }
        return musicModel?.directories ?? musicModel?.directory.map { [$0] } ?? []
    }
}
