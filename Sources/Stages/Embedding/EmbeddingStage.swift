import Fleet
import FleetModel
import Media
import MusicLanguageModel

/// The music as vectors, by the audio tower of the paper's model (ImageBind). What the language model makes of them is `prediction`'s: one embedding serves every prompt.
struct EmbeddingStage: Stage {
    struct Input: Sendable {
        var path: String
        var sha256: Digest
    }

    /// Two batches at once, so that one is decoded while the other is in the tower.
    static let descriptor = StageDescriptor(name: "embedding", version: 1, reads: [.audio], slots: 2, batch: 8, timeLimit: .seconds(600), children: 2)
    static let defaultSettings = EmbeddingSettings()

    private let settings: EmbeddingSettings
    private let models: MusicModels
    private let children: ChildProcessPool

    init(settings: EmbeddingSettings, environment: StageEnvironment) throws {
        guard settings.checkpoint != nil else { throw MusicModels.unnamed("embedding") }
        guard let models = environment[MusicModels.self] else { throw MusicModels.absent("embedding") }
        self.settings = settings
        self.models = models
        children = environment.children
    }

    func input(of task: StageTask) throws -> Input {
        guard let audio = task.clip.audio else {
            throw FleetError(.sourceMissing, task.clip.missing["audio"].map { "clip '\(task.clip.id)' has no audio: \($0); put it there and ingest again, or take the clip out" }
                ?? "clip '\(task.clip.id)' has no audio: the catalogue names none; add some, or take the clip out")
        }
        return Input(path: audio.path, sha256: audio.sha256)
    }

    func run(_ inputs: [Input], context: StageContext) async -> [Outcome<MusicEmbedding>] {
        await withTaskGroup(of: (Int, Outcome<MusicEmbedding>).self) { group in
            for (position, input) in inputs.enumerated() {
                group.addTask { (position, await outcome(of: input, context)) }
            }
            var outcomes = [Outcome<MusicEmbedding>?](repeating: nil, count: inputs.count)
            for await (position, outcome) in group { outcomes[position] = outcome }
            return outcomes.map { $0 ?? .failed(FleetError(.internal, "an embedding of the batch got no outcome")) }
        }
    }

    private func outcome(of input: Input, _ context: StageContext) async -> Outcome<MusicEmbedding> {
        do {
            return .completed(try await models.embedding(settings) { configuration in
                try await MediaRequests(children: children, timeLimit: context.timeLimit).music(input.path, sha256: input.sha256, settings, configuration)
            })
        } catch let error as FleetError where error.code.rawValue == MediaError.Code.noAudioStream.rawValue {
            return .filtered(reason: "no sound: the file has no audio stream")
        } catch {
            return .failed(error as? FleetError ?? FleetError(.internal, "\(input.path) was not embedded", cause: error, isRetriable: true))
        }
    }
}
