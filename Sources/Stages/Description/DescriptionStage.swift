import Captioning
import Fleet
import FleetModel

/// The MV description: an overview and a frame-by-frame breakdown (the paper, Fig. 4).
struct DescriptionStage: Stage {
    struct Input: Sendable {
        var seed: String
        var frames: FrameCaptions
        var visual: VisualFacts
        var unified: UnifiedCaption
        var lyrics: LyricsUnderstanding
        var types: MVTypes
        var music: MusicFacts
    }

    static let descriptor = StageDescriptor(name: "description", version: 1,
                                            requires: ["frames", "frame-captions", "unified-caption", "lyrics", "mv-type", "audio"], slots: 1, batch: 64)
    static let defaultSettings = CaptionerSettings()

    init(settings: CaptionerSettings, environment: StageEnvironment) {}

    func input(of task: StageTask) throws -> Input {
        Input(seed: task.fingerprint.description,
              frames: try task.upstream("frame-captions", as: FrameCaptions.self),
              visual: VisualFacts(try task.upstream("frames", as: FramesOutput.self)),
              unified: try task.upstream("unified-caption", as: UnifiedCaption.self),
              lyrics: try task.upstream("lyrics", as: LyricsUnderstanding.self),
              types: try task.upstream("mv-type", as: MVTypes.self),
              music: MusicFacts(try task.upstream("audio", as: AudioReport.self)))
    }

    func run(_ inputs: [Input], context: StageContext) async -> [Outcome<MVDescription>] {
        inputs.map { .completed(Self.describe($0)) }
    }

    static func describe(_ input: Input) -> MVDescription {
        RuleCaptioner(seed: input.seed).description(frames: input.frames, visual: input.visual, unified: input.unified, lyrics: input.lyrics,
                                                    types: input.types, music: input.music)
    }
}
