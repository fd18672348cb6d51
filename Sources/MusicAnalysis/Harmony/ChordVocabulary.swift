/// The chords that are told apart, and what each is reported as.
struct ChordVocabulary: Sendable {
    /// A chord type of the network: its name in Harte syntax, and the label that it is decoded and reported as.
    struct Quality: Sendable {
        let harte: String
        let label: Int
    }

    /// In the order of the network's outputs. A seventh is no reason to report another chord.
    static let qualities: [Quality] = [
        Quality(harte: "maj", label: 0), Quality(harte: "min", label: 1), Quality(harte: "7", label: 0), Quality(harte: "maj7", label: 0),
        Quality(harte: "min7", label: 1), Quality(harte: "dim", label: 2), Quality(harte: "hdim7", label: 2), Quality(harte: "aug", label: 3),
        Quality(harte: "sus4", label: 4), Quality(harte: "sus2", label: 5),
    ]

    /// What is decoded: each label on twelve roots, label-major, then "no chord".
    static let labels = ["maj", "min", "dim", "aug", "sus4", "sus2"]
    static let noChord = 12 * labels.count
    static let stateCount = noChord + 1

    /// Root and label of a state; nil for "no chord".
    static func chord(_ state: Int) -> (root: PitchClass, label: Int)? {
        state < noChord ? (PitchClass(state), state / 12) : nil
    }

    /// Harte label of a state: `D#:maj`, `N`.
    static func label(_ state: Int) -> String {
        guard let chord = chord(state) else { return "N" }
        return chord.root.name + ":" + labels[chord.label]
    }

    /// A state as seen from a tonic: the root's distance in place of the root.
    static func relative(_ state: Int, to tonic: PitchClass) -> Int {
        guard let chord = chord(state) else { return noChord }
        return 12 * chord.label + (chord.root.number - tonic.number + 12) % 12
    }
}
