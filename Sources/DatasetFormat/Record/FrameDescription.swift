/// One entry of the frame-by-frame breakdown.
public struct FrameDescription: Hashable, Sendable {
    /// From 1.
    public var index: Int
    /// Seconds from the clip's start; the window that the frame stands for is `startSeconds ..< endSeconds`.
    public var startSeconds: Double
    public var endSeconds: Double
    public var title: String
    public var description: String
    /// The bar (from 1) and the beat in it (from 1) at the window's start; nil without a reliable beat, written 0.
    public var bar: Int?
    public var beat: Int?
    /// Whether a downbeat lies in the window.
    public var onDownbeat: Bool
    /// Harte label of the chord that sounds longest in the window, `N` for none.
    public var chord: String

    public init(index: Int, startSeconds: Double, endSeconds: Double, title: String, description: String, bar: Int? = nil, beat: Int? = nil,
                onDownbeat: Bool = false, chord: String = "N") {
        self.index = index
        self.startSeconds = startSeconds
        self.endSeconds = endSeconds
        self.title = title
        self.description = description
        self.bar = bar
        self.beat = beat
        self.onDownbeat = onDownbeat
        self.chord = chord
    }
}
