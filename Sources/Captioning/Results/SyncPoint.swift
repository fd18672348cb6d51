/// Where one frame's picture stands in the music. Positions are given only where the metre is sure enough to count by
/// (``Confidence/metre``); claims of synchrony in a text may rest on these flags and on nothing else.
public struct SyncPoint: Hashable, Sendable, Codable {
    /// Number of the bar that sounds while the picture is on screen, from 1 at the first downbeat; nil before it.
    public var bar: Int?
    /// Number of the beat in that bar, from 1.
    public var beat: Int?
    /// True where a beat lies within 70 ms of the frame's time.
    public var onBeat: Bool
    /// True where a downbeat lies within 70 ms of the frame's time.
    public var onDownbeat: Bool
    /// The chord that sounds at the frame's time, in Harte syntax; nil where none is sure.
    public var chord: String?
    /// The last cut after the previous frame, up to this one (seconds).
    public var cut: Double?
    /// True where that cut lies within 70 ms of a beat.
    public var cutOnBeat: Bool
    /// True where that cut lies within 70 ms of a downbeat.
    public var cutOnDownbeat: Bool

    public init(bar: Int? = nil, beat: Int? = nil, onBeat: Bool = false, onDownbeat: Bool = false, chord: String? = nil, cut: Double? = nil,
                cutOnBeat: Bool = false, cutOnDownbeat: Bool = false) {
        self.bar = bar
        self.beat = beat
        self.onBeat = onBeat
        self.onDownbeat = onDownbeat
        self.chord = chord
        self.cut = cut
        self.cutOnBeat = cutOnBeat
        self.cutOnDownbeat = cutOnDownbeat
    }

    enum CodingKeys: String, CodingKey {
        case bar, beat, onBeat = "on_beat", onDownbeat = "on_downbeat", chord, cut = "cut_s", cutOnBeat = "cut_on_beat"
        case cutOnDownbeat = "cut_on_downbeat"
    }
}
