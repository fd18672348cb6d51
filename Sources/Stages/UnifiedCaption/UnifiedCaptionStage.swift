import Captioning
import Fleet
import FleetModel

/// One caption that merges the music caption and the low-level features (the paper, Fig. 3).
struct UnifiedCaptionStage: TextStage {
    static let descriptor = StageDescriptor(name: "unified-caption", version: 1, requires: ["music-caption", "audio"],
                                            slots: TextStagePolicy.slots, batch: TextStagePolicy.batch, timeLimit: TextStagePolicy.timeLimit)

    let settings: CaptionerSettings<UnifiedCaptionTask>
    let environment: StageEnvironment

    init(settings: CaptionerSettings<UnifiedCaptionTask>, environment: StageEnvironment) {
        self.settings = settings
        self.environment = environment
    }

    static func ruled(_ task: StageTask) throws -> UnifiedCaption {
        RuleCaptioner(seed: task.fingerprint.description).unifiedCaption(try task.upstream("music-caption", as: MusicCaption.self), music: try task.musicFacts())
    }

    static func writing(_ task: StageTask, _ recipe: LanguageModelRecipe) throws -> UnifiedCaptionTask {
        UnifiedCaptionTask(prompt: recipe.prompt, caption: try task.upstream("music-caption", as: MusicCaption.self), music: try task.musicFacts(),
                           forbiddenNames: task.clip.names, seed: task.fingerprint.description)
    }
}
