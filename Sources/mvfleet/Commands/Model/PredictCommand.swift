import ArgumentParser
import Captioning
import Fleet
import FleetModel
import Foundation
import Media
import MusicLanguageModel
import Stages

struct PredictCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict", abstract: "The paper's model's description of a music video for one piece of music, its words as they come.",
        discussion: """
            No fleet is needed: what the stages 'embedding' and 'prediction' do to a clip, done here. Without --inputs it is made from what is given.

            Examples:
              mvfleet predict song.wav --model ~/models/mv
              mvfleet predict song.wav --model ~/models/mv --genres rock,indie --mv-type "Story Narrative" --lyrics lyrics.txt --json
              mvfleet predict --model ~/models/mv --inputs none
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "A file with music. It may be left out where the inputs do not have 1 (music).") var file: String?
    @Option(name: [.customLong("model"), .customLong("music-model")], help: ArgumentHelp("A directory with the paper's model.", discussion: "Also MVFLEET_MODEL, or music_model in the configuration file.", valueName: "dir"))
    var model: String?
    @Option(name: [.customLong("genres"), .customLong("genre")], help: ArgumentHelp("Genres, joined by ','. Can be given several times.", valueName: "a,b")) var genres: [String] = []
    @Option(help: ArgumentHelp("A type of music video, such as \"Story Narrative\". Can be given several times.", valueName: "type")) var mvType: [String] = []
    @Option(help: ArgumentHelp("What the lyrics are about: a text, or a file that holds it.", valueName: "file|text")) var lyrics: String?
    @OptionGroup var prediction: PredictionOptions
    @Option(help: ArgumentHelp("How the prompt's parts are joined. Default: deepresonance.", valueName: PredictionTemplate.allCases.map(\.rawValue).joined(separator: "|"))) var template: PredictionTemplate?
    @Option(help: ArgumentHelp("Whether the prompt begins with the token for the beginning of a text. Default: as_trained.", valueName: PredictionTemplate.Beginning.allCases.map(\.rawValue).joined(separator: "|")))
    var beginning: PredictionTemplate.Beginning?
    @Flag(help: "The music as one token, the mean of its clips, instead of one for each.") var pooled = false
    @Option(help: ArgumentHelp("What the model is asked. Default: the paper's instruction.", valueName: "text")) var instruction: String?
    @Flag(help: "Leave the checkpoint's LoRA adapters out.") var noLora = false
    @Option(help: "0 always takes the likeliest token; 1 samples from the model's own distribution.") var temperature: Double = 0
    @Option(help: "Samples among the likeliest tokens that come to this share together.") var topP: Double = 1
    @Option(help: "The same seed gives the same text.") var seed: UInt64 = 1
    @Option(help: "The answer's tokens at most.") var maxTokens = 1024
    @Option(help: ArgumentHelp("How a clip's mean is taken from it before its spectrum. Default: in-place, as published.", valueName: MeanSubtraction.allCases.map(\.rawValue).joined(separator: "|"))) var mean: MeanSubtraction?
    @OptionGroup var machine: MusicMachineOptions
    @Flag(help: "One JSON object: the text, and what could be read from it.") var json = false

    func validate() throws {
        if file == nil, let inputs = prediction.inputs.flatMap({ InputSwitches($0) }), inputs.contains(.music) { throw ValidationError("--inputs has 1 (music), and no file is given") }
    }

    func run() async throws {
        let configuration = try FleetConfiguration(common)
        let checkpoints = try await MusicCheckpoints.find(model.map { [$0] } ?? [], configuration, isNamed: prediction.backend == .libllama)
        guard var settings = try checkpoints.prediction(prediction) else { throw checkpoints.missing("prediction") }
        if prediction.inputs == nil { settings.inputs = given }
        settings.template = template ?? settings.template
        settings.beginning = beginning ?? settings.beginning
        settings.music = pooled ? .pooled : .sequence
        settings.instruction = instruction ?? settings.instruction
        settings.usesAdapters = !noLora
        settings.sampling = SamplingSettings(temperature: temperature, topP: topP, seed: seed)
        settings.maximumTokens = maxTokens
        try settings.check()
        if settings.inputs.contains(.music), !checkpoints.canServe("embedding") { throw checkpoints.missing("embedding") }
        guard let models = try checkpoints.models(try MusicMachine(machine, configuration.musicModel)) else { throw checkpoints.missing("prediction") }
        let result: Result<Void, any Error>
        do { result = .success(try await predict(checkpoints, models, settings)) } catch { result = .failure(error) }
        await models.close()
        try result.get()
    }

    private func predict(_ checkpoints: MusicCheckpoints, _ models: MusicModels, _ settings: PredictionSettings) async throws {
        var prompt = PromptInput()
        if settings.inputs.contains(.genres) { prompt.genres = genres.flatMap { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }.filter { !$0.isEmpty } }
        if settings.inputs.contains(.mvType) { prompt.mvTypes = mvType.map { given in MVType.allCases.first { $0.rawValue.lowercased() == given.lowercased() }?.rawValue ?? given } }
        if settings.inputs.contains(.lyrics) { prompt.lyricsUnderstanding = try lyrics.map(Self.lyricsText) }
        let music = settings.inputs.contains(.music) ? try await embedding(checkpoints, models) : nil
        let sources = PredictionSources(prompt, music: music)
        let isStreamed = !json
        let answer = try await models.text(from: sources, settings) { piece in
            guard isStreamed, !piece.text.isEmpty else { return }
            FileHandle.standardOutput.write(Data(TextTable.printableText(piece.text).utf8))
        }
        let result = try Prediction(answer, from: sources, settings)
        if json { return try Self.printJSON(Report(file, result)) }
        print("")
        if result.finish == .length { FileHandle.standardError.write(Data("mvfleet: the answer was cut off after \(result.answerTokens) tokens; --max-tokens allows for more, as far as the model's context goes\n".utf8)) }
        if !result.absent.isEmpty { FileHandle.standardError.write(Data("mvfleet: not given, and so not in the prompt: \(result.absent.joined(separator: ", "))\n".utf8)) }
    }

    /// The inputs that there is something for. Whether the checkpoint can take them is asked afterwards: a file that is given is never left out in silence.
    private var given: InputSwitches {
        var inputs: InputSwitches = []
        if file != nil { inputs.insert(.music) }
        if !genres.isEmpty { inputs.insert(.genres) }
        if !mvType.isEmpty { inputs.insert(.mvType) }
        if lyrics != nil { inputs.insert(.lyrics) }
        return inputs
    }

    private func embedding(_ checkpoints: MusicCheckpoints, _ models: MusicModels) async throws -> MusicEmbedding {
        guard let file, var settings = checkpoints.embedding() else { throw checkpoints.missing("embedding") }
        settings.mean = mean ?? settings.mean
        let path = URL(fileURLWithPath: file).standardizedFileURL.path
        let children = ChildProcessPool(.media(size: 1, hardware: .off))
        let result: Result<MusicEmbedding, any Error>
        do {
            result = .success(try await models.embedding(settings) { [settings] configuration in try await MediaRequests(children: children).music(path, settings, configuration) })
        } catch { result = .failure(error) }
        await children.endIdleChildren()
        return try result.get()
    }

    /// A file's text, where there is such a file.
    private static func lyricsText(_ given: String) throws -> String {
        FileManager.default.fileExists(atPath: given) ? try LyricsFile.read(given).trimmingCharacters(in: .whitespacesAndNewlines) : given
    }

    /// The stage's output with the file's name instead of the checkpoint's, which nobody has computed here.
    private struct Report: Encodable {
        var clip: String?
        var text: String
        var description: ParsedDescription
        var finish: FinishReason
        var prompt_tokens: Int
        var answer_tokens: Int
        var inputs: InputSwitches
        var absent: [String]

        init(_ file: String?, _ prediction: Prediction) {
            clip = file.map { ($0 as NSString).lastPathComponent }
            (text, description, finish) = (prediction.text, prediction.description, prediction.finish)
            (prompt_tokens, answer_tokens) = (prediction.promptTokens, prediction.answerTokens)
            (inputs, absent) = (prediction.inputs, prediction.absent)
        }
    }
}
