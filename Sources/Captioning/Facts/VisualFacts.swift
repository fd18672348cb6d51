/// What was measured of a clip's pictures.
public struct VisualFacts: Hashable, Sendable, Codable {
    /// Seconds.
    public var duration: Double
    /// At most 15, one every two seconds, in order of time.
    public var frames: [FrameFacts]
    /// Seconds, in order: the first picture of each new shot.
    public var cuts: [Double]
    /// Seconds; nil where no shot was measured.
    public var averageShotLength: Double?
    /// 0…1, over the clip.
    public var motionMean: Double
    /// 0…1, over the clip.
    public var brightnessMean: Double
    /// The clip's colours by falling share.
    public var palette: [PaletteColour]
    /// True where the video is only a still, or a few.
    public var isStatic: Bool
    /// What sort of still, in the analyser's words, such as `slideshow`; nil where it is none.
    public var staticKind: String?

    public init(duration: Double, frames: [FrameFacts], cuts: [Double] = [], averageShotLength: Double? = nil, motionMean: Double = 0,
                brightnessMean: Double = 0, palette: [PaletteColour] = [], isStatic: Bool = false, staticKind: String? = nil) {
        self.duration = duration
        self.frames = frames
        self.cuts = cuts
        self.averageShotLength = averageShotLength
        self.motionMean = motionMean
        self.brightnessMean = brightnessMean
        self.palette = palette
        self.isStatic = isStatic
        self.staticKind = staticKind
    }

    enum CodingKeys: String, CodingKey {
        case duration = "duration_s", frames, cuts, averageShotLength = "average_shot_length_s", motionMean = "motion_mean"
        case brightnessMean = "brightness_mean", palette, isStatic = "static", staticKind = "static_kind"
    }
}
