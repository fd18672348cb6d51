/// The name of a pitch class, a key or a chord, as notation (`D#`, `G:min`) and as prose (`E flat major`).
struct Pitch: Hashable, Sendable {
    /// 0 (C) … 11 (B).
    let pitchClass: Int

    /// A letter A–G with any accidentals of `#`, `b`, `♯`, `♭`.
    init?(_ text: some StringProtocol) {
        guard let first = text.first, let base = Pitch.naturals[first], text.count <= 3 else { return nil }
        var value = base
        for accidental in text.dropFirst() {
            switch accidental {
            case "#", "♯": value += 1
            case "b", "♭": value -= 1
            default: return nil
            }
        }
        pitchClass = ((value % 12) + 12) % 12
    }

    private static let naturals: [Character: Int] = ["C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11]
    private static let sharps = ["C", "C sharp", "D", "D sharp", "E", "F", "F sharp", "G", "G sharp", "A", "A sharp", "B"]
    private static let flats = ["C", "D flat", "D", "E flat", "E", "F", "G flat", "G", "A flat", "A", "B flat", "B"]
    /// As musicians name a root of a major or a minor chord or key when no context says otherwise.
    private static let usualMajor = ["C", "D flat", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B"]
    private static let usualMinor = ["C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "G sharp", "A", "B flat", "B"]

    func prose(_ mode: Mode, spelling: Spelling = .usual) -> String {
        switch spelling {
        case .usual: mode == .minor ? Pitch.usualMinor[pitchClass] : Pitch.usualMajor[pitchClass]
        case .sharps: Pitch.sharps[pitchClass]
        case .flats: Pitch.flats[pitchClass]
        }
    }

    enum Spelling: Sendable { case usual, sharps, flats }
}

enum Mode: String, Hashable, Sendable { case major, minor }

/// A key, or a chord reduced to major or minor.
struct Tonality: Hashable, Sendable {
    let root: Pitch
    let mode: Mode

    init(root: Pitch, mode: Mode) {
        self.root = root
        self.mode = mode
    }

    /// `D# minor`.
    init?(key: String) {
        let parts = key.split(separator: " ")
        guard parts.count == 2, let root = Pitch(parts[0]), let mode = Mode(rawValue: parts[1].lowercased()) else { return nil }
        self.init(root: root, mode: mode)
    }

    /// A Harte label whose third is known: `D#:maj`, `G:min7`, `C`. Nil for `N`, `X` and chords that are neither major nor minor.
    init?(chord: String) {
        let parts = chord.split(separator: "/", maxSplits: 1)[0...].first?.split(separator: ":", maxSplits: 1) ?? []
        guard let name = parts.first, let root = Pitch(name) else { return nil }
        let quality = parts.count > 1 ? String(parts[1].prefix { $0 != "(" }) : "maj"
        switch quality {
        case "maj", "maj7", "maj6", "maj9", "7", "9": self.init(root: root, mode: .major)
        case "min", "min7", "min6", "min9", "minmaj7": self.init(root: root, mode: .minor)
        default: return nil
        }
    }

    func prose(spelling: Pitch.Spelling = .usual) -> String { root.prose(mode, spelling: spelling) + " " + mode.rawValue }

    /// How chords are spelt in this key: with the accidentals of its signature.
    var chordSpelling: Pitch.Spelling {
        let major = mode == .major ? root.pitchClass : (root.pitchClass + 3) % 12
        // Signatures with flats: F, B flat, E flat, A flat, D flat. Those without accidentals borrow the usual names.
        return [5, 10, 3, 8, 1].contains(major) ? .flats : major == 0 ? .usual : .sharps
    }
}
