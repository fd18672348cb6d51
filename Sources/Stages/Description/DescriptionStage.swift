import Captioning
import Fleet
import FleetModel

/// The MV description: an overview and a frame-by-frame breakdown (the paper, Fig. 4).
struct DescriptionStage: TextStage {
    static let descriptor = StageDescriptor(name: "description", version: 1,
                                            requires: ["frames", "frame-captions", "unified-caption", "lyrics", "mv-type", "audio"],
                                            slots: TextStagePolicy.slots, batch: TextStagePolicy.batch, timeLimit: TextStagePolicy.timeLimit)

    let settings: CaptionerSettings<DescriptionTask>
    let environment: StageEnvironment

    init(settings: CaptionerSettings<DescriptionTask>, environment: StageEnvironment) {
        self.settings = settings
        self.environment = environment
    }

    static func ruled(_ task: StageTask) throws -> MVDescription {
        let inputs = try inputs(task)
        return RuleCaptioner(seed: task.fingerprint.description).description(
            frames: inputs.frames, visual: inputs.visual, unified: inputs.unified, lyrics: inputs.lyrics, types: inputs.types, music: inputs.music, source: inputs.source)
    }

    static func writing(_ task: StageTask, _ recipe: LanguageModelRecipe) throws -> DescriptionTask {
        DescriptionTask(prompt: recipe.prompt, inputs: try inputs(task), forbiddenNames: task.clip.names, lyrics: task.clip.lyrics, seed: task.fingerprint.description)
    }

    private static func inputs(_ task: StageTask) throws -> DescriptionTask.Inputs {
        DescriptionTask.Inputs(frames: try task.upstream("frame-captions", as: FrameCaptions.self), visual: try task.visualFacts(),
                               unified: try task.upstream("unified-caption", as: UnifiedCaption.self), lyrics: try task.upstream("lyrics", as: LyricsUnderstanding.self),
                               types: try task.upstream("mv-type", as: MVTypes.self), music: try task.musicFacts())
    }
}
