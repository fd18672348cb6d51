/// A stretch of one chord.
public struct ChordSegment: Sendable, Hashable, Codable {
    /// Seconds.
    public var start: Double
    public var end: Double
    /// Harte syntax, sharps: `D#:maj`, `A:min`, `B:dim`, `N` for none.
    public var label: String
    /// 0…1, how much better than its rivals this chord explains the sound.
    public var confidence: Double
}
