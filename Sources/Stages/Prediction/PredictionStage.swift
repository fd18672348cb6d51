import Captioning
import Fleet
import FleetModel
import MusicLanguageModel

/// The fine-tuned model's description of a music video for the music (the paper, §2.2), from those inputs that the recipe wants.
///
/// A batch is one clip: the model takes texts up as others end, and each slot brings it one.
struct PredictionStage: Stage {
    struct Input: Sendable {
        var clip: String
        var sources: PredictionSources
    }

    static let descriptor = StageDescriptor(name: "prediction", version: 1, slots: 8, batch: 1, timeLimit: .seconds(1_800))
    static let defaultSettings = PredictionSettings()

    static func requires(with settings: PredictionSettings) -> [StageName] {
        (settings.inputs.contains(.music) ? ["embedding"] : []) + (settings.inputs.contains(.mvType) ? ["mv-type"] : []) + (settings.inputs.contains(.lyrics) ? ["lyrics"] : [])
    }

    static func reads(with settings: PredictionSettings) -> [SourceField] { settings.inputs.contains(.genres) ? [.genres] : [] }

    private let settings: PredictionSettings
    private let models: MusicModels

    init(settings: PredictionSettings, environment: StageEnvironment) throws {
        guard settings.checkpoint != nil else { throw MusicModels.unnamed("prediction") }
        guard let models = environment[MusicModels.self] else { throw MusicModels.absent("prediction") }
        self.settings = settings
        self.models = models
    }

    func input(of task: StageTask) throws -> Input {
        // What a switch turns off is not among the upstream results.
        var prompt = PromptInput()
        if settings.inputs.contains(.genres) { prompt.genres = task.clip.genres }
        if settings.inputs.contains(.mvType) { prompt.mvTypes = try task.upstream("mv-type", as: MVTypes.self).types.map(\.name.rawValue) }
        if settings.inputs.contains(.lyrics) { prompt.lyricsUnderstanding = try task.upstream("lyrics", as: LyricsUnderstanding.self).text }
        let music = settings.inputs.contains(.music) ? try task.upstream("embedding", as: MusicEmbedding.self) : nil
        return Input(clip: task.clip.id, sources: PredictionSources(prompt, music: music))
    }

    func run(_ inputs: [Input], context: StageContext) async -> [Outcome<Prediction>] {
        await withTaskGroup(of: (Int, Outcome<Prediction>).self) { group in
            for (position, input) in inputs.enumerated() {
                group.addTask { (position, await outcome(of: input)) }
            }
            var outcomes = [Outcome<Prediction>?](repeating: nil, count: inputs.count)
            for await (position, outcome) in group { outcomes[position] = outcome }
            return outcomes.map { $0 ?? .failed(FleetError(.internal, "a prediction of the batch got no outcome")) }
        }
    }

    private func outcome(of input: Input) async -> Outcome<Prediction> {
        do {
            return .completed(try Prediction(try await models.text(from: input.sources, settings), from: input.sources, settings))
        } catch {
            return .failed(error as? FleetError ?? FleetError(.internal, "the prediction for clip '\(input.clip)' was not written", cause: error, isRetriable: true))
        }
    }
}
