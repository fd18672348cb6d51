/// The chords that are told apart, and what each is reported as.
struct ChordVocabulary: Sendable {
    /// A chord type: its intervals above the root, its reduction for reporting, and how much more evidence it needs.
    struct Quality: Sendable {
        let intervals: [Int]
        let harte: String
        let handicap: Float
    }

    struct Chord: Sendable, Hashable {
        let root: PitchClass
        let quality: Int
    }

    /// Rarer types ask for more evidence, or every passing note would make a seventh chord.
    static let qualities: [Quality] = [
        Quality(intervals: [0, 4, 7], harte: "maj", handicap: 0),
        Quality(intervals: [0, 3, 7], harte: "min", handicap: 0),
        Quality(intervals: [0, 4, 7, 10], harte: "maj", handicap: 0.03),
        Quality(intervals: [0, 4, 7, 11], harte: "maj", handicap: 0.05),
        Quality(intervals: [0, 3, 7, 10], harte: "min", handicap: 0.04),
        Quality(intervals: [0, 3, 6], harte: "dim", handicap: 0.06),
        Quality(intervals: [0, 5, 7], harte: "sus4", handicap: 0.3),
        Quality(intervals: [0, 3, 6, 10], harte: "dim", handicap: 0.08),
        Quality(intervals: [0, 4, 7, 9], harte: "maj", handicap: 0.12),
        Quality(intervals: [0, 3, 7, 9], harte: "min", handicap: 0.12),
        Quality(intervals: [0, 4, 8], harte: "aug", handicap: 0.3),
    ]

    /// All chords, quality-major; the state after the last is "no chord".
    static let chords: [Chord] = qualities.indices.flatMap { quality in
        (0 ..< 12).map { Chord(root: PitchClass($0), quality: quality) }
    }
    static let noChord = chords.count
    static let stateCount = chords.count + 1

    /// Harte label of a state: `D#:maj`, `N`.
    static func label(_ state: Int) -> String {
        guard state < chords.count else { return "N" }
        let chord = chords[state]
        return chord.root.name + ":" + qualities[chord.quality].harte
    }
}
