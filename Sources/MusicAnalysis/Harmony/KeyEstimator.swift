import NumericKernels

/// The key of a clip, or why it has none.
struct KeyEstimator: Sendable {
    struct Estimate: Sendable {
        var key: MusicalKey
        /// 0…1, the key's probability.
        var confidence: Double
    }

    /// Why there is no key.
    enum Absence: String, Sendable {
        case tooShort = "shorter than 3 s: too little music to tell a key from"
        case noPitch = "nothing with a pitch sounds"
        case fewChords = "chords sound in less than a quarter of the clip: tones or noise, and no key"
        case oneChord = "one chord all through: it may stand in many keys"
    }

    /// A shorter piece of music has no key that could be told.
    private static let leastSeconds = 3.0
    /// Less of the clip with a chord is no tonal music.
    private static let leastShare = 0.25

    let network: KeyNetwork
    let transitions: ChordTransitions

    func estimate(_ chroma: ChromaSequence, _ registers: RegisterChroma, chords: ChordDecoder.Path) -> Result<Estimate, Absence> {
        guard Double(chroma.frameCount) * chroma.frameSeconds >= Self.leastSeconds else { return .failure(.tooShort) }
        guard Reductions.sum(chroma.energy) > 0 else { return .failure(.noPitch) }
        let sounding = chords.states.filter { $0 != ChordVocabulary.noChord }
        guard Double(sounding.count) > Self.leastShare * Double(chords.states.count) else { return .failure(.fewChords) }
        guard Set(sounding).count > 1 else { return .failure(.oneChord) }
        let probabilities = network.probabilities(registers, states: chords.states, transitions)
        let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
        return .success(Estimate(key: MusicalKey(index: best), confidence: Double(probabilities[best])))
    }
}

extension KeyEstimator.Absence: Error {}
