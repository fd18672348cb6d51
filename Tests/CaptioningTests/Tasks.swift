import Captioning

/// The six tasks of one clip.
struct Tasks {
    let music: MusicCaptionTask
    let lyrics: LyricsTask
    let unified: UnifiedCaptionTask
    let types: MVTypeTask
    let frames: FrameCaptionsTask
    let description: DescriptionTask

    init(music: MusicFacts = Example.music, source: SourceFacts = Example.source, visual: VisualFacts = Example.visual, lyrics text: String? = "The rain came down\nand we went home",
         hasAudio: Bool = true, pictures: FramePictures = .frames, names: [String] = [], seed: String = "tasks",
         change: (inout DescriptionTask.Inputs) -> Void = { _ in }) throws {
        let library = try PromptLibrary.builtIn()
        let texts = RuleCaptioner(seed: seed).chain(music: music, source: source, visual: visual, lyrics: text)
        self.music = MusicCaptionTask(prompt: try library.prompt(for: .musicCaption), music: music, source: source, hasAudio: hasAudio, forbiddenNames: names, seed: seed)
        lyrics = LyricsTask(prompt: try library.prompt(for: .lyrics), lyrics: text, source: source, forbiddenNames: names, seed: seed)
        unified = UnifiedCaptionTask(prompt: try library.prompt(for: .unifiedCaption), caption: texts.caption, music: music, source: source, forbiddenNames: names, seed: seed)
        types = MVTypeTask(prompt: try library.prompt(for: .mvType), visual: visual, pictures: pictures, forbiddenNames: names, seed: seed)
        frames = FrameCaptionsTask(prompt: try library.prompt(for: .frameCaptions), visual: visual, pictures: pictures, forbiddenNames: names, seed: seed)
        var inputs = DescriptionTask.Inputs(frames: texts.frames, visual: visual, unified: texts.unified, lyrics: RuleCaptioner(seed: seed).lyrics(text), types: texts.types,
                                            music: music, source: source)
        change(&inputs)
        description = DescriptionTask(prompt: try library.prompt(for: .description), inputs: inputs, forbiddenNames: names, lyrics: text, seed: seed)
    }

    /// The first request of each task that has one.
    var requests: [PromptRequest] {
        func first(_ task: some CaptionTask) -> PromptRequest? {
            var ladder = CaptionLadder(task, policy: LadderPolicy())
            guard case .ask(let request, _) = ladder.begin() else { return nil }
            return request
        }
        return [first(music), first(lyrics), first(unified), first(types), first(frames), first(description)].compactMap { $0 }
    }
}

extension PromptRequest {
    /// All texts.
    var text: String {
        messages.flatMap(\.parts).compactMap { if case .text(let text) = $0 { text } else { nil } }.joined(separator: "\n")
    }

    /// What a server sees of it besides words: roles, and for each part what it is.
    var structure: [String] {
        messages.map { message in
            message.role.rawValue + ": " + message.parts.map { if case .text = $0 { "text" } else { "\($0)" } }.joined(separator: " ")
        }
    }
}
