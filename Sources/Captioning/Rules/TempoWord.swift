/// Words for a tempo and the beats per minute that they may stand for.
enum TempoWord {
    /// What the rules write, by the tempo's upper bound (BPM, exclusive).
    static func words(for bpm: Double) -> [String] {
        switch bpm {
        case ..<60: ["very slow"]
        case ..<80: ["slow", "unhurried"]
        case ..<100: ["relaxed", "unhurried"]
        case ..<118: ["moderate", "mid-range"]
        case ..<140: ["brisk", "lively"]
        case ..<168: ["fast", "quick"]
        default: ["very fast"]
        }
    }

    /// What a text may mean by a word (BPM): wider than what the rules write, since no two listeners agree at the edges.
    /// The longer words first, so that `very fast` is not read as `fast`.
    static let meanings: [(word: String, range: ClosedRange<Double>)] = [
        ("very slow", 0...72), ("very fast", 155...400), ("extremely fast", 165...400), ("breakneck", 165...400), ("frantic", 150...400),
        ("frenetic", 150...400), ("mid-range", 88...126), ("mid-tempo", 84...126), ("slow-paced", 0...88), ("fast-paced", 122...400),
        ("slow", 0...90), ("unhurried", 0...106), ("leisurely", 0...106), ("relaxed", 60...112), ("laid-back", 60...112),
        ("moderate", 84...126), ("brisk", 106...170), ("lively", 106...176), ("upbeat", 100...190), ("fast", 122...400), ("quick", 118...400),
        ("rapid", 130...400), ("uptempo", 100...400), ("up-tempo", 100...400), ("midtempo", 84...126), ("high-tempo", 118...400),
        ("adagio", 40...84), ("andante", 64...112), ("allegro", 106...176), ("presto", 150...400),
    ]
}
