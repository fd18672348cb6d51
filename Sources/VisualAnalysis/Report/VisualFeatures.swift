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
        /// The colour that a fade goes through, as sRGB `#rrggbb`; nil for a dissolve.
        public var colour: String?

        enum CodingKeys: String, CodingKey {
            case startSeconds = "start_s", endSeconds = "end_s", kind, colour
        }
    }

    /// A stretch in which the camera makes one movement.
    public struct CameraSegment: Hashable, Sendable, Codable {
        public var startSeconds: Double
        public var endSeconds: Double
        /// The largest of the rates; never `still`.
        public var movement: FrameFeatures.Camera
        /// Relative growth of the content a second: positive zooms in.
        public var zoomPerSecond: Double
        /// Picture widths a second: positive looks to the right.
        public var panPerSecond: Double
        /// Picture heights a second: positive looks up.
        public var tiltPerSecond: Double

        enum CodingKeys: String, CodingKey {
            case startSeconds = "start_s", endSeconds = "end_s", movement, zoomPerSecond = "zoom_per_s", panPerSecond = "pan_per_s", tiltPerSecond = "tilt_per_s"
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
    /// For each second: share of the area that changes within a second beyond what camera and light explain, 0…1; a second without a pair repeats the last.
    public var movingAreaPerSecond: [Double]
    /// For each second: the camera's zoom (relative growth a second, positive zooms in), pan (picture widths a second, positive looks to the right) and tilt
    /// (picture heights a second, positive looks up); null where the picture's movement does not say. Robust similarity fit (Odobez & Bouthemy 1995).
    public var zoomPerSecond: [Double?]
    public var panPerSecond: [Double?]
    public var tiltPerSecond: [Double?]
    public var cameraSegments: [CameraSegment]
    /// For each second: mean luma, 0…1.
    public var brightnessPerSecond: [Double]
    /// For each second: standard deviation of luma, 0…0.5.
    public var contrastPerSecond: [Double]
    public var palette: [PaletteColour]
    /// Stretches of black pictures: mean luma below 18 of 255, standard deviation below 6.
    public var blackSegments: [Interval]
    /// For each second: share of the area that changes in fine strokes along lines, 0…1: words that come, go or scroll, and bars that are drawn alike. Words that
    /// stay are not seen: the pictures are too small for that.
    public var textAreaPerSecond: [Double]
    /// Black bars along the borders.
    public var bars: PictureBars

    enum CodingKeys: String, CodingKey {
        case verdict, cuts, transitions, averageShotSeconds = "average_shot_s", motionPerSecond = "motion_per_second", brightnessPerSecond = "brightness_per_second"
        case contrastPerSecond = "contrast_per_second", palette, blackSegments = "black_segments", movingAreaPerSecond = "moving_area_per_second"
        case zoomPerSecond = "zoom_per_second", panPerSecond = "pan_per_second", tiltPerSecond = "tilt_per_second", cameraSegments = "camera_segments"
        case textAreaPerSecond = "text_area_per_second", bars
    }
}
