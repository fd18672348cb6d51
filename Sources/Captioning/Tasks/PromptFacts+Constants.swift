extension PromptFacts {
    /// What is the same for every clip: bounds that answers are held against, the ten types, the paper's instruction. These alone may stand in a system section.
    static let constants = PromptFacts([
        "title_words": .text(words(DescriptionChecks.titleWords)),
        "caption_words": .text(words(DescriptionChecks.captionWords)),
        "frame_words": .text(words(DescriptionChecks.frameWords)),
        "overview_words": .text(words(DescriptionChecks.overviewWords)),
        "music_caption_words": .text(words(DescriptionChecks.musicCaptionWords)),
        "unified_caption_words": .text(words(DescriptionChecks.unifiedCaptionWords)),
        "lyrics_words": .text(words(DescriptionChecks.lyricsWords)),
        "reason_words": .text(words(DescriptionChecks.reasonWords)),
        "mv_types": .text(MVType.allCases.map { "- \($0.rawValue): \($0.meaning)" }.joined(separator: "\n")),
        "instruction": .text(MVDescription.instruction),
    ])

    private static func words(_ range: ClosedRange<Int>) -> String { "\(range.lowerBound) to \(range.upperBound) words" }
}

extension MVType {
    /// What a model is told of the kind; words of this project.
    fileprivate var meaning: String {
        switch self {
        case .livePerformance: "musicians play or sing for an audience, or as if for one, on a stage or in a room"
        case .lyricVideo: "the words of the song are written on the screen"
        case .animation: "drawn, modelled or generated pictures"
        case .storyNarrative: "people act out a story with a beginning and a course"
        case .artistic: "shapes, textures, colours or effects that tell nothing in particular"
        case .dancePerformance: "dancing is what the pictures are about"
        case .behindTheScenes: "how something is made: studio, rehearsal, travel, backstage"
        case .nature: "landscapes, sky, water, plants, animals"
        case .montage: "photographs or artwork, still or moved over, one after another"
        case .cinematicDrama: "staged scenes with the light, lenses and acting of a feature film"
        }
    }
}
