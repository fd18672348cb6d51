/// What is known of a clip's music. Times in seconds, confidences 0…1; nothing is ever infinite or NaN. In JSON the keys are
/// snake_case and what is not known is null.
public struct MusicFeatures: Sendable, Hashable, Codable {
    public struct TempoReading: Sendable, Hashable, Codable {
        public var bpm: Double
        public var confidence: Double
    }

    public struct Section: Sendable, Hashable, Codable {
        public var start: Double
        public var end: Double
        /// How clear the border at its start is; 1 for the first.
        public var confidence: Double
    }

    public struct Loudness: Sendable, Hashable, Codable {
        /// EBU R128: LUFS, LU, dBFS, dBTP.
        public var integratedLufs: Double?
        public var rangeLu: Double?
        public var momentaryMaxLufs: Double?
        public var shortTermMaxLufs: Double?
        public var samplePeakDbfs: Double?
        public var truePeakDbtp: Double?
        /// Loudest 400 ms that begin in each second, LUFS; null below −70.
        public var perSecondLufs: [Double?]
    }

    public struct Timbre: Sendable, Hashable, Codable {
        /// Hz; the analysis reaches to 11 kHz.
        public var centroidHz: Double?
        public var rolloffHz: Double?
        /// 0…1.
        public var flatness: Double?
        /// Share of the power below 150 Hz.
        public var lowShare: Double?
    }

    /// No sound above the 16-bit floor.
    public var isSilent: Bool
    public var tempoBpm: Double?
    public var tempoConfidence: Double
    /// Why there is no tempo; nil where there is one.
    public var tempoAbsence: String?
    /// Other readings of the same pulse: half, double, …
    public var tempoAlternatives: [TempoReading]
    public var beats: [Double]
    public var downbeats: [Double]
    public var beatsPerBar: Int?
    public var metreConfidence: Double
    /// Such as `D# minor`.
    public var key: String?
    public var keyConfidence: Double
    /// Why there is no key; nil where there is one.
    public var keyReason: String?
    /// Frequency of A4, Hz.
    public var tuningHz: Double?
    /// Cover the clip without gaps.
    public var chords: [ChordSegment]
    /// Pitch classes from C, the strongest 1.
    public var chroma: [Double]
    public var loudness: Loudness
    public var onsets: [Double]
    /// Onsets a second.
    public var onsetRate: Double
    /// 0…1: how much onsets reach across the spectrum, as drums do.
    public var percussiveness: Double
    public var timbre: Timbre
    /// For each second, 0…1: its level over a range of 40 dB below the loudest.
    public var energy: [Double]
    public var sections: [Section]
    /// The tempo at every fourth beat; empty without beats. As sure as `tempoConfidence`.
    public var tempoCurve: [TempoPoint]
    /// 0…1: share of the beat intervals within 5 % of their median; nil with fewer than four.
    public var tempoStability: Double?
    /// Onsets that begin in each second.
    public var onsetDensity: [Int]
    /// Standard deviation over time of each pitch class, from C, where each moment's strongest is 1.
    public var chromaDeviation: [Double]
    public var mfcc: Cepstrum
    public var signal: Signal
    /// Nil with one channel.
    public var stereo: Stereo?
    public var energyChanges: [EnergyChange]
    /// Every two seconds, for descriptions of frames.
    public var windows: [Window]
    /// Of a recording that was read in pieces, more than ten minutes: each piece. Nil of a shorter one, whose record does not have the key.
    public var passages: [Passage]?
    /// Where they were asked for: the 88 functionals of eGeMAPS by openSMILE's names. Nil of less than 60 ms; a record without them does not have the key.
    public var egemaps: [String: Double]?
}
