/// What the signal of a clip's sound says, as an analyser measured it. Everything that a text may claim of the music is in here.
///
/// Times are seconds from the start of the clip; confidences are 0…1; lists are in order of time.
public struct MusicFacts: Hashable, Sendable, Codable {
    /// False where the clip has no sound or it could not be decoded; then nothing else in here counts.
    public var isAvailable: Bool
    /// True where the sound is there and is silence.
    public var isSilent: Bool
    /// Seconds of sound.
    public var duration: Double
    /// Beats per minute, or nil where no steady pulse was found.
    public var tempo: Double?
    public var tempoConfidence: Double
    /// Other readings of the pulse, usually half or double.
    public var tempoAlternatives: [TempoAlternative]
    public var beats: [Double]
    public var downbeats: [Double]
    public var beatsPerBar: Int?
    /// How sure the downbeats and `beatsPerBar` are.
    public var metreConfidence: Double
    /// `<tonic> major` or `<tonic> minor`, such as `D# minor`.
    public var key: String?
    public var keyConfidence: Double
    public var chords: [ChordSpan]
    /// Integrated loudness, LUFS (ITU-R BS.1770).
    public var integratedLoudness: Double?
    /// Loudness range, LU (EBU Tech 3342).
    public var loudnessRange: Double?
    /// One level a second, dB relative to full scale.
    public var energyArc: [Double]
    /// Onsets a second.
    public var onsetRate: Double?
    /// Mean spectral centroid, Hz.
    public var brightness: Double?
    /// Share of the energy that is percussive rather than harmonic, 0…1.
    public var percussiveness: Double?
    public var sections: [SectionSpan]

    public init(isAvailable: Bool = true, isSilent: Bool = false, duration: Double = 0, tempo: Double? = nil, tempoConfidence: Double = 0,
                tempoAlternatives: [TempoAlternative] = [], beats: [Double] = [], downbeats: [Double] = [], beatsPerBar: Int? = nil,
                metreConfidence: Double = 0, key: String? = nil, keyConfidence: Double = 0, chords: [ChordSpan] = [],
                integratedLoudness: Double? = nil, loudnessRange: Double? = nil, energyArc: [Double] = [], onsetRate: Double? = nil,
                brightness: Double? = nil, percussiveness: Double? = nil, sections: [SectionSpan] = []) {
        self.isAvailable = isAvailable
        self.isSilent = isSilent
        self.duration = duration
        self.tempo = tempo
        self.tempoConfidence = tempoConfidence
        self.tempoAlternatives = tempoAlternatives
        self.beats = beats
        self.downbeats = downbeats
        self.beatsPerBar = beatsPerBar
        self.metreConfidence = metreConfidence
        self.key = key
        self.keyConfidence = keyConfidence
        self.chords = chords
        self.integratedLoudness = integratedLoudness
        self.loudnessRange = loudnessRange
        self.energyArc = energyArc
        self.onsetRate = onsetRate
        self.brightness = brightness
        self.percussiveness = percussiveness
        self.sections = sections
    }

    /// A clip without sound.
    public static let unavailable = MusicFacts(isAvailable: false)

    /// True where there is sound that can be spoken of.
    public var isAudible: Bool { isAvailable && !isSilent }

    enum CodingKeys: String, CodingKey {
        case isAvailable = "available", isSilent = "silent", duration = "duration_s", tempo = "tempo_bpm", tempoConfidence = "tempo_confidence"
        case tempoAlternatives = "tempo_alternatives", beats, downbeats, beatsPerBar = "beats_per_bar", metreConfidence = "metre_confidence"
        case key, keyConfidence = "key_confidence", chords, integratedLoudness = "integrated_lufs", loudnessRange = "loudness_range_lu"
        case energyArc = "energy_arc_db", onsetRate = "onset_rate", brightness = "brightness_hz", percussiveness, sections
    }
}

/// Another reading of the pulse.
public struct TempoAlternative: Hashable, Sendable, Codable {
    /// Beats per minute.
    public var bpm: Double
    /// How strong it is beside the reading that was chosen: 1 is as strong, 0 not heard.
    public var strength: Double

    public init(bpm: Double, strength: Double) {
        self.bpm = bpm
        self.strength = strength
    }
}

/// One chord, from `start` to `end` (seconds).
public struct ChordSpan: Hashable, Sendable, Codable {
    public var start: Double
    public var end: Double
    /// Harte syntax, such as `D#:maj`, `G:min`; `N` is no chord.
    public var label: String
    public var confidence: Double

    public init(start: Double, end: Double, label: String, confidence: Double) {
        self.start = start
        self.end = end
        self.label = label
        self.confidence = confidence
    }
}

/// A stretch of music of one kind, from `start` to `end` (seconds); equal labels sound alike.
public struct SectionSpan: Hashable, Sendable, Codable {
    public var start: Double
    public var end: Double
    public var label: String

    public init(start: Double, end: Double, label: String) {
        self.start = start
        self.end = end
        self.label = label
    }
}
