import MusicLanguageModel

/// What a prediction is made from: of the inputs that its recipe wants, those that there are.
public struct PredictionSources: Hashable, Sendable {
    public var prompt: PromptInput
    /// The tower's vectors, one for each clip that it heard; empty without the music.
    public var music: [[Float]]

    public init(_ prompt: PromptInput = PromptInput(), music: [[Float]] = []) {
        self.prompt = prompt
        self.prompt.hasMusic = !music.isEmpty
        self.music = music
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

extension InputSwitches {
    /// In words, in the paper's order.
    public var names: [String] {
        [("music", InputSwitches.music), ("genres", .genres), ("mv-type", .mvType), ("lyrics", .lyrics)].filter { contains($0.1) }.map(\.0)
    }
}
