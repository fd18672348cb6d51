import Captioning
import Fleet
import FleetModel

/// One to three of the ten MV types, with the frames that show it (the paper, §2.1.2).
struct MVTypeStage: TextStage {
    static let descriptor = StageDescriptor(name: "mv-type", version: 1, requires: ["frames"],
                                            slots: TextStagePolicy.slots, batch: TextStagePolicy.batch, timeLimit: TextStagePolicy.timeLimit)

    let settings: CaptionerSettings<MVTypeTask>
    let environment: StageEnvironment

    init(settings: CaptionerSettings<MVTypeTask>, environment: StageEnvironment) {
        self.settings = settings
        self.environment = environment
    }

    static func ruled(_ task: StageTask) throws -> MVTypes {
        RuleCaptioner(seed: task.fingerprint.description).mvTypes(try task.visualFacts())
    }

    static func writing(_ task: StageTask, _ recipe: LanguageModelRecipe) throws -> MVTypeTask {
        MVTypeTask(prompt: recipe.prompt, visual: try task.visualFacts(), pictures: recipe.pictures, forbiddenNames: task.clip.names,
                   seed: task.fingerprint.description)
    }

    static func media(_ task: StageTask, _ environment: StageEnvironment, _ context: StageContext) async throws -> PromptMedia {
        PromptMedia(try task.upstream("frames", as: FramesOutput.self), in: environment.blobs)
    }
}
