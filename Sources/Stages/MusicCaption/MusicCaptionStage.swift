import Captioning
import ChatCompletions
import Fleet
import FleetModel

/// A caption of the music (the paper: OpenMU): by a model that hears it, or by rules from what was measured and what the catalogue says.
struct MusicCaptionStage: TextStage {
    static let descriptor = StageDescriptor(name: "music-caption", version: 1, requires: ["audio"], reads: [.metadata, .genres, .tags],
                                            slots: TextStagePolicy.slots, batch: TextStagePolicy.batch, timeLimit: TextStagePolicy.timeLimit)

    let settings: CaptionerSettings<MusicCaptionTask>
    let environment: StageEnvironment

    init(settings: CaptionerSettings<MusicCaptionTask>, environment: StageEnvironment) {
        self.settings = settings
        self.environment = environment
    }

    static func ruled(_ task: StageTask) throws -> MusicCaption {
        RuleCaptioner(seed: task.fingerprint.description).musicCaption(try task.musicFacts(), source: SourceFacts(task.clip))
    }

    static func writing(_ task: StageTask, _ recipe: LanguageModelRecipe) throws -> MusicCaptionTask {
        MusicCaptionTask(prompt: recipe.prompt, music: try task.musicFacts(), source: SourceFacts(task.clip), hasAudio: true, forbiddenNames: task.clip.names,
                         seed: task.fingerprint.description)
    }

    static func media(_ task: StageTask, _ environment: StageEnvironment, _ context: StageContext) async throws -> PromptMedia {
        guard let audio = task.clip.audio else { return PromptMedia() }
        let request = AudioExcerptRequest(path: audio.path, sha256: audio.sha256, seconds: excerptSeconds)
        let excerpt = try await environment.children.ask(AudioExcerptRequest.handler, request, about: audio.path, within: context.timeLimit)
        var media = PromptMedia()
        if let bytes = excerpt.attachments.first {
            // Kept as a blob: hundreds of requests that wait would hold a megabyte each.
            media.audio = ChatMedia(try environment.blobs.put(bytes), in: environment.blobs, mediaType: "audio/wav", seconds: Double(bytes.count) / Double(2 * AudioExcerptRequest.sampleRate))
        }
        return media
    }

    /// A clip's length; of longer files the beginning is heard.
    private static let excerptSeconds = 30.0
}
