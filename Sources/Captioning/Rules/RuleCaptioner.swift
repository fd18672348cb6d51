/// Writes captions from measured facts by rules, without a model. It says only what was measured, and that only where the measurement is sure
/// enough (``Confidence``); genres, moods and valence are cited as what the catalogue says. Texts vary from clip to clip, and the same facts
/// and seed give the same bytes on every machine. British spelling.
public struct RuleCaptioner: Sendable {
    /// Part of the recipe of every stage that writes by rules: it grows with every change that can change a text.
    public static let version = 1

    let seed: UInt64

    /// - Parameter seed: what the choice among paraphrases hangs on; the task's fingerprint, in the fleet.
    public init(seed: String) {
        self.seed = StableHash.of("rule captioner", seed)
    }

    func deck(_ text: String) -> PhraseDeck { PhraseDeck(seed: seed, text: text) }

    /// Without a language model, lyrics are not understood: the result says so and invents nothing.
    public func lyrics(_ lyrics: String?) -> LyricsUnderstanding {
        guard let lyrics, lyrics.contains(where: { $0.isLetter }) else {
            return LyricsUnderstanding(status: .instrumental, reason: "the catalogue has no lyrics for this clip", source: .rules)
        }
        return LyricsUnderstanding(status: .unavailable, reason: "lyrics are understood by a language model, and none is configured", source: .rules)
    }
}

extension PhraseDeck {
    init(seed: UInt64, text: String) {
        self.init(seed: String(seed, radix: 16), text: text)
    }
}
