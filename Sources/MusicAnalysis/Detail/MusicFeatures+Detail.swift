extension MusicFeatures {
    /// A stretch of time, seconds.
    public struct Span: Sendable, Hashable, Codable {
        public var start: Double
        public var end: Double
    }

    /// A steady rise of the level from the beginning, or fall to the end. A last chord that rings for seconds is one, too.
    public struct Fade: Sendable, Hashable, Codable {
        public enum Kind: String, Sendable, Hashable, Codable {
            case fadeIn = "in"
            case fadeOut = "out"
        }

        public var kind: Kind
        /// Seconds.
        public var start: Double
        public var end: Double
        /// Change of level, dB, 15 and more.
        public var depthDb: Double
        /// 0…1: how straight the level runs in dB (the line's R²), times how deep, whole from 30 dB.
        public var confidence: Double

        enum CodingKeys: String, CodingKey {
            case kind, start, end, depthDb = "depth_db", confidence
        }
    }

    /// What is wrong or empty in the sound itself, at the file's own sample rate.
    public struct Signal: Sendable, Hashable, Codable {
        /// Where all channels stay below −60 dBFS (RMS of 50 ms) for at least 0.3 s.
        public var silentSpans: [Span]
        /// 0…1, of the duration.
        public var silentShare: Double
        public var fades: [Fade]
        /// 0…1: share of the samples within 2 % of the peak, in the worst channel, where they are so many that the crests are cut; otherwise 0.
        /// What was cut before a lossy codec has no flat crests any more, and is not seen.
        public var clippedShare: Double
        /// 0…1: how much more of them there are than a sine's crests have (2.4 times those of the next 2 % below); 1 from ten times on.
        public var clippingConfidence: Double

        enum CodingKeys: String, CodingKey {
            case silentSpans = "silent_spans", silentShare = "silent_share", fades, clippedShare = "clipped_share", clippingConfidence = "clipping_confidence"
        }
    }

    /// How the first two channels differ; other channels are not looked at.
    public struct Stereo: Sendable, Hashable, Codable {
        /// 0…1: share of the power in the difference of the channels: 0 mono, 0.5 unrelated channels or a single one, 1 opposite phase.
        public var width: Double
        /// −1…1: correlation of left and right; 0 where one is silent.
        public var correlation: Double
        /// Level of the right channel over the left, dB, −60…60.
        public var balanceDb: Double

        enum CodingKeys: String, CodingKey {
            case width, correlation, balanceDb = "balance_db"
        }
    }

    /// Mel-frequency cepstral coefficients (Davis & Mermelstein 1980) of frames of 93 ms, five a second, below 11 kHz: the natural
    /// logarithm of 40 mel bands (O'Shaughnessy's mel), orthonormal DCT-II. The signal's level is normalised before; frames 60 dB
    /// below the strongest are left out.
    public struct Cepstrum: Sendable, Hashable, Codable {
        /// Thirteen; the first is the level. Empty for silence.
        public var mean: [Double]
        /// Standard deviation over the frames.
        public var deviation: [Double]
    }

    /// Where the music becomes louder or quieter for longer than a moment.
    public struct EnergyChange: Sendable, Hashable, Codable {
        public enum Kind: String, Sendable, Hashable, Codable {
            case rise, drop
        }

        public var kind: Kind
        /// Seconds; on a downbeat where one is near.
        public var time: Double
        /// Loudness (BS.1770, ungated) of the four seconds after over that of the four before, LU: 3 and more, or −3 and less.
        public var changeLu: Double
        /// 0…1: how large against the unrest of the level around it.
        public var confidence: Double

        enum CodingKeys: String, CodingKey {
            case kind, time, changeLu = "change_lu", confidence
        }
    }

    /// The tempo around a moment, from the nine beats about it.
    public struct TempoPoint: Sendable, Hashable, Codable {
        /// Seconds.
        public var time: Double
        public var bpm: Double
    }

    /// What sounds with one frame and until the next: two seconds from a multiple of two.
    public struct Window: Sendable, Hashable, Codable {
        /// Seconds.
        public var start: Double
        public var end: Double
        /// Bar at `start`, from 1; 0 before the first downbeat; nil without downbeats. As sure as `metre_confidence`.
        public var bar: Int?
        /// Beat of that bar at `start`, from 1; in a pick-up counted so that the bar would end at the downbeat; nil without downbeats.
        public var beat: Int?
        /// A downbeat lies within 70 ms of `start`.
        public var isOnDownbeat: Bool
        /// Harte label of the chord that fills most of the window; `N` for none.
        public var chord: String
        /// 0…1.
        public var chordConfidence: Double
        /// Onsets that begin in the window.
        public var onsets: Int
        /// 0…1: mean of `energy`.
        public var energy: Double
        /// Against this clip's other windows: which third of the range of their energies.
        public var energyLevel: EnergyLevel
        /// Section at `start`, from 1.
        public var section: Int
        /// A section other than the first begins in the window.
        public var isSectionChange: Bool
    }

    public enum EnergyLevel: String, Sendable, Hashable, Codable {
        case low, medium, high
        /// All windows are within 0.05 of each other.
        case even
    }
}

extension MusicFeatures.Window {
    enum CodingKeys: String, CodingKey {
        case start, end, bar, beat, isOnDownbeat = "on_downbeat", chord, chordConfidence = "chord_confidence", onsets, energy
        case energyLevel = "energy_level", section, isSectionChange = "section_change"
    }

    /// Spelled out so that what is unknown is written as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(start, forKey: .start)
        try container.encode(end, forKey: .end)
        try container.encode(bar, forKey: .bar)
        try container.encode(beat, forKey: .beat)
        try container.encode(isOnDownbeat, forKey: .isOnDownbeat)
        try container.encode(chord, forKey: .chord)
        try container.encode(chordConfidence, forKey: .chordConfidence)
        try container.encode(onsets, forKey: .onsets)
        try container.encode(energy, forKey: .energy)
        try container.encode(energyLevel, forKey: .energyLevel)
        try container.encode(section, forKey: .section)
        try container.encode(isSectionChange, forKey: .isSectionChange)
    }
}
