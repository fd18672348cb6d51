import MusicLanguageModel

/// What a prediction is made from: of the inputs that its recipe wants, those that there are.
public struct PredictionSources: Equatable, Sendable {
    public var prompt: PromptInput
    /// Nil without the music.
    public var music: AudioEmbedding?

    public init(_ prompt: PromptInput = PromptInput(), music: MusicEmbedding? = nil) {
        self.prompt = prompt
        self.prompt.hasMusic = music != nil
        self.music = music.map { AudioEmbedding($0) }
    }

    /// The inputs that are there.
    public var inputs: InputSwitches {
        var inputs: InputSwitches = []
        if prompt.hasMusic { inputs.insert(.music) }
        if !prompt.genres.isEmpty { inputs.insert(.genres) }
        if !prompt.mvTypes.isEmpty { inputs.insert(.mvType) }
        if prompt.lyricsUnderstanding?.isEmpty == false { inputs.insert(.lyrics) }
        return inputs
    }
}

extension AudioEmbedding {
    /// As a prompt needs it.
    init(_ stored: MusicEmbedding) {
        self.init(clips: stored.vectors.map(\.values), pooled: stored.pooled.values,
                  provenance: Provenance(inputSampleRate: 0, sampleRate: 0, clipStarts: stored.clips.map(\.start), clipSeconds: stored.clips.map { $0.end - $0.start }.max() ?? 0,
                                         meanSubtraction: stored.mean, weightFormat: ""))
    }
}

extension InputSwitches {
    /// In words, in the paper's order.
    public var names: [String] {
        [("music", InputSwitches.music), ("genres", .genres), ("mv-type", .mvType), ("lyrics", .lyrics)].filter { contains($0.1) }.map(\.0)
    }
}
