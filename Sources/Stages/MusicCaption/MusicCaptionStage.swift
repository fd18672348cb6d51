import Captioning
import Fleet
import FleetModel

/// A caption of the music from what was measured and what the catalogue says (the paper: OpenMU).
struct MusicCaptionStage: Stage {
    struct Input: Sendable {
        var seed: String
        var music: MusicFacts
        var source: SourceFacts
    }

    static let descriptor = StageDescriptor(name: "music-caption", version: 1, requires: ["audio"], reads: [.metadata, .genres, .tags], slots: 1, batch: 64)
    static let defaultSettings = CaptionerSettings()

    init(settings: CaptionerSettings, environment: StageEnvironment) {}

    func input(of task: StageTask) throws -> Input {
        Input(seed: task.fingerprint.description, music: MusicFacts(try task.upstream("audio", as: AudioReport.self)), source: SourceFacts(task.clip))
    }

    func run(_ inputs: [Input], context: StageContext) async -> [Outcome<MusicCaption>] {
        inputs.map { .completed(RuleCaptioner(seed: $0.seed).musicCaption($0.music, source: $0.source)) }
    }
}
