import ArgumentParser
import Foundation
import MusicLanguageModel
import TensorKernels

struct ModelBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "What the paper's model costs on this machine: tokens, and clips, per second of processor time.",
        discussion: """
            A LLaMA of random weights is made in memory: 134 million parameters, or 6.7 billion with --size 7b, which takes 4 to 27 GB. Prompt, one answer behind it, and several answers
            side by side; and the audio tower at its published size over the three clips of a recording. The best of --repeats runs counts.

            Examples:
              mvfleet bench model
              mvfleet bench model --language-model --formats int8,int4 --threads 2 --json
              mvfleet bench model --language-model --size 7b --formats int4 --answer 8 --repeats 1
            """)

    @Flag(help: "The audio tower alone.") var tower = false
    @Flag(help: "The language model alone.") var languageModel = false
    @Option(help: ArgumentHelp("Formats of the weights, joined by ','. Default: all, and f32 and bf16 of the tower.", valueName: "f32,bf16,int8,int4")) var formats: String?
    @Option(help: ArgumentHelp("134m or 7b.", valueName: "size")) var size = "134m"
    @Option(help: "Tokens of a prompt.") var prompt = 250
    @Option(help: "Tokens of an answer.") var answer = 32
    @Option(help: "Answers side by side.") var batch = 8
    @Option(help: "Threads.") var threads = 1
    @Option(help: "Runs of each.") var repeats = 3
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        _ = try wanted(WeightFormat.allCases)
        if tower, languageModel { throw ValidationError("--tower and --language-model each leave the other out: leave both away for both") }
        if !["134m", "7b"].contains(size) { throw ValidationError("--size is '\(size)': give 134m or 7b") }
        for (name, value, range) in [("prompt", prompt, 1...1_500), ("answer", answer, 1...400), ("batch", batch, 1...256), ("threads", threads, 1...1_024), ("repeats", repeats, 1...100)] where !range.contains(value) {
            throw ValidationError("--\(name) is \(value): give \(range.lowerBound) to \(range.upperBound)")
        }
        if size == "134m", prompt + 2 * answer * repeats > 2_048 { throw ValidationError("--prompt and the answers of all --repeats come to more than 2,048 tokens, the model's context: give less of one") }
    }

    private struct Report: Encodable {
        var instructions: String
        var language_model: [ModelBench.Figures]?
        var audio_tower: [TowerBench.Figures]?
    }

    func run() async throws {
        var report = Report(instructions: InstructionSet.best.rawValue)
        if !tower {
            let bench = ModelBench(configuration: size == "7b" ? ModelBench.vicuna7B : ModelBench.smallLlama, promptTokens: prompt, answerTokens: answer, batch: batch, threads: threads, repeats: repeats)
            report.language_model = try wanted(WeightFormat.allCases).map { try bench.measure($0) }
        }
        if !languageModel { report.audio_tower = try wanted([.float32, .bfloat16]).map { try TowerBench(threads: threads, repeats: repeats).measure($0) } }
        if json { return try Self.printJSON(report) }
        print("instructions: \(report.instructions); \(threads == 1 ? "one thread" : "\(threads) threads")")
        if let figures = report.language_model { print("\n" + rendered(figures)) }
        if let figures = report.audio_tower {
            var table = TextTable([("TOWER AS", .left), ("CPU S OF 3 CLIPS", .right), ("MB", .right)])
            for figure in figures { table.add([figure.format, "\((figure.cpuSeconds * 1_000).rounded() / 1_000)", ((figure.weightBytes + 500_000) / 1_000_000).grouped]) }
            print("\n" + table.rendered())
        }
    }

    private func rendered(_ figures: [ModelBench.Figures]) -> String {
        var table = TextTable([("WEIGHTS AS", .left), ("PREFILL", .right), ("DECODE", .right), ("DECODE OF \(batch)", .right), ("MB", .right), ("KB A TOKEN", .right), ("MADE IN S", .right)])
        for figure in figures {
            table.add([figure.format, Int(figure.prefill).grouped, "\((figure.decode * 10).rounded() / 10)", "\((figure.batchDecode * 10).rounded() / 10)", ((figure.weightBytes + 500_000) / 1_000_000).grouped,
                       (figure.cacheBytesPerToken / 1024).grouped, "\((figure.loadSeconds * 10).rounded() / 10)"])
        }
        return "\(figures.first?.parameters.grouped ?? "") parameters, tokens per CPU second, prompts of \(prompt):\n" + table.rendered()
    }

    private func wanted(_ all: [WeightFormat]) throws -> [WeightFormat] {
        guard let formats else { return all }
        return try formats.split(separator: ",").map { name in
            guard let format = WeightFormat(rawValue: String(name)) else { throw ValidationError("--formats has '\(name)': give \(WeightFormat.allCases.map(\.rawValue).joined(separator: ", "))") }
            return format
        }
    }
}
