/// What was measured in the music, and the texts made from it.
public struct MusicFacts: Hashable, Sendable {
    /// A stretch of one chord.
    public struct Chord: Hashable, Sendable {
        /// Seconds from the clip's start.
        public var startSeconds: Double
        public var endSeconds: Double
        /// Harte label (`C:maj`, `A:min7`), `N` for none.
        public var label: String

        public init(startSeconds: Double, endSeconds: Double, label: String) {
            self.startSeconds = startSeconds
            self.endSeconds = endSeconds
            self.label = label
        }
    }

    /// Beats a minute; nil is written `has_tempo: false, tempo_bpm: 0.0`.
    public var tempoBPM: Double?
    /// Such as `C:maj` or `A:min`; nil is written `has_key: false, key: "N"`.
    public var key: String?
    /// Nil is written 0.
    public var beatsPerBar: Int?
    /// Seconds from the clip's start, ascending.
    public var beatsSeconds: [Double]
    public var downbeatsSeconds: [Double]
    public var chords: [Chord]
    /// Integrated loudness, LUFS; nil is written `has_loudness: false, loudness_lufs: 0.0`.
    public var loudnessLUFS: Double?
    /// The caption of the music, and the one that merges it with the measured features.
    public var caption: String
    public var unifiedCaption: String

    public init(tempoBPM: Double? = nil, key: String? = nil, beatsPerBar: Int? = nil, beatsSeconds: [Double] = [],
                downbeatsSeconds: [Double] = [], chords: [Chord] = [], loudnessLUFS: Double? = nil, caption: String, unifiedCaption: String) {
        self.tempoBPM = tempoBPM
        self.key = key
        self.beatsPerBar = beatsPerBar
        self.beatsSeconds = beatsSeconds
        self.downbeatsSeconds = downbeatsSeconds
        self.chords = chords
        self.loudnessLUFS = loudnessLUFS
        self.caption = caption
        self.unifiedCaption = unifiedCaption
    }
}
