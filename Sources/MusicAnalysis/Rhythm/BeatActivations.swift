/// How much each hundredth of a second looks like a beat, 0…1, and like a bar's first beat.
public struct BeatActivations: Sendable {
    /// Frames a second.
    public let frameRate: Double
    public let beat: [Float]
    /// Strength of what marks bar starts: bass and drums.
    public let accent: [Float]
}
