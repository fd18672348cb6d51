/// What a video looks like over its whole length. Times are seconds from the first displayed frame.
public struct VisualFeatures: Hashable, Sendable, Codable {
    /// A stretch of time.
    public struct Interval: Hashable, Sendable, Codable {
        public var startSeconds: Double
        public var endSeconds: Double

        public init(startSeconds: Double, endSeconds: Double) {
            self.startSeconds = startSeconds
            self.endSeconds = endSeconds
        }

        enum CodingKeys: String, CodingKey {
            case startSeconds = "start_s", endSeconds = "end_s"
        }
    }

    /// A change of shots that takes time.
    public struct Transition: Hashable, Sendable, Codable {
        public enum Kind: String, Hashable, Sendable, Codable {
            /// Through a picture of one colour.
            case fade
            /// From one picture to the other directly.
            case dissolve
        }

        public var startSeconds: Double
        public var endSeconds: Double
        public var kind: Kind

        enum CodingKeys: String, CodingKey {
            case startSeconds = "start_s", endSeconds = "end_s", kind
        }
    }

    public var verdict: StaticVerdict
    /// Times of the first frames of new shots, after hard cuts.
    public var cuts: [Double]
    public var transitions: [Transition]
    /// Mean time between cuts and transitions, in seconds.
    public var averageShotSeconds: Double
    /// For each second: mean absolute luma change between pictures 0.2 s apart, 0…1, cuts left out.
    public var motionPerSecond: [Double]
    /// For each second: mean luma, 0…1.
    public var brightnessPerSecond: [Double]
    /// For each second: standard deviation of luma, 0…0.5.
    public var contrastPerSecond: [Double]
    public var palette: [PaletteColour]
    public var blackSegments: [Interval]

    enum CodingKeys: String, CodingKey {
        case verdict, cuts, transitions, averageShotSeconds = "average_shot_s", motionPerSecond = "motion_per_second", brightnessPerSecond = "brightness_per_second"
        case contrastPerSecond = "contrast_per_second", palette, blackSegments = "black_segments"
    }
}
