import Captioning
import Fleet
import FleetModel

/// One caption that merges the music caption and the low-level features (the paper, Fig. 3).
struct UnifiedCaptionStage: Stage {
    struct Input: Sendable {
        var seed: String
        var caption: MusicCaption
        var music: MusicFacts
    }

    static let descriptor = StageDescriptor(name: "unified-caption", version: 1, requires: ["music-caption", "audio"], slots: 1, batch: 64)
    static let defaultSettings = CaptionerSettings()

    init(settings: CaptionerSettings, environment: StageEnvironment) {}

    func input(of task: StageTask) throws -> Input {
        Input(seed: task.fingerprint.description, caption: try task.upstream("music-caption", as: MusicCaption.self),
              music: MusicFacts(try task.upstream("audio", as: AudioReport.self)))
    }

    func run(_ inputs: [Input], context: StageContext) async -> [Outcome<UnifiedCaption>] {
        inputs.map { .completed(RuleCaptioner(seed: $0.seed).unifiedCaption($0.caption, music: $0.music)) }
    }
}
