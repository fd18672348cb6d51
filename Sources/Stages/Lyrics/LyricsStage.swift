import Captioning
import Fleet
import FleetModel

/// What the lyrics are about (the paper: OpenMU). Without a language model nothing is said of lyrics that are there; a clip without any is `instrumental`.
struct LyricsStage: TextStage {
    static let descriptor = StageDescriptor(name: "lyrics", version: 1, reads: [.lyrics],
                                            slots: TextStagePolicy.slots, batch: TextStagePolicy.batch, timeLimit: TextStagePolicy.timeLimit)

    let settings: CaptionerSettings<LyricsTask>
    let environment: StageEnvironment

    init(settings: CaptionerSettings<LyricsTask>, environment: StageEnvironment) {
        self.settings = settings
        self.environment = environment
    }

    static func ruled(_ task: StageTask) -> LyricsUnderstanding {
        RuleCaptioner(seed: task.fingerprint.description).lyrics(task.clip.lyrics)
    }

    static func writing(_ task: StageTask, _ recipe: LanguageModelRecipe) -> LyricsTask {
        LyricsTask(prompt: recipe.prompt, lyrics: task.clip.lyrics, forbiddenNames: task.clip.names, seed: task.fingerprint.description)
    }
}
