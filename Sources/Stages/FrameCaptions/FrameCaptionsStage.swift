import Captioning
import Fleet
import FleetModel

/// One caption per sampled frame (the paper, §2.1.3).
struct FrameCaptionsStage: TextStage {
    static let descriptor = StageDescriptor(name: "frame-captions", version: 1, requires: ["frames"],
                                            slots: TextStagePolicy.slots, batch: TextStagePolicy.batch, timeLimit: TextStagePolicy.timeLimit)

    let settings: CaptionerSettings<FrameCaptionsTask>
    let environment: StageEnvironment

    init(settings: CaptionerSettings<FrameCaptionsTask>, environment: StageEnvironment) {
        self.settings = settings
        self.environment = environment
    }

    static func ruled(_ task: StageTask) throws -> FrameCaptions {
        RuleCaptioner(seed: task.fingerprint.description).frameCaptions(try task.visualFacts())
    }

    static func writing(_ task: StageTask, _ recipe: LanguageModelRecipe) throws -> FrameCaptionsTask {
        FrameCaptionsTask(prompt: recipe.prompt, visual: try task.visualFacts(), pictures: recipe.pictures, forbiddenNames: task.clip.names,
                          seed: task.fingerprint.description)
    }

    static func media(_ task: StageTask, _ environment: StageEnvironment, _ context: StageContext) async throws -> PromptMedia {
        PromptMedia(try task.upstream("frames", as: FramesOutput.self), in: environment.blobs)
    }
}
