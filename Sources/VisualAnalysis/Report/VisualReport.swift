/// What `mvfleet sample` prints for one video, and what the `frames` stage stores.
///
/// Times are seconds from the first displayed frame. JSON keys are in snake case; `clip`, `static`, `frame_times` and `cuts` are always there.
public struct VisualReport: Hashable, Sendable, Codable {
    /// One taken frame.
    public struct Frame: Hashable, Sendable, Codable {
        public var index: Int
        public var targetSeconds: Double
        public var seconds: Double
        /// Index of the frame in display order, from 0.
        public var frameIndex: Int
        /// Size of the JPEG in pixels.
        public var width: Int
        public var height: Int
        public var features: FrameFeatures
        /// Of the raw planes, as `ffmpeg -f framemd5` prints it; only when asked for.
        public var md5: String?

        public init(index: Int, targetSeconds: Double, seconds: Double, frameIndex: Int, width: Int, height: Int, features: FrameFeatures, md5: String? = nil) {
            self.index = index
            self.targetSeconds = Rounding.round(targetSeconds, decimals: 6)
            self.seconds = Rounding.round(seconds, decimals: 6)
            self.frameIndex = frameIndex
            self.width = width
            self.height = height
            self.features = features
            self.md5 = md5
        }

        enum CodingKeys: String, CodingKey {
            case index, targetSeconds = "target_s", seconds = "time_s", frameIndex = "frame_index", width, height, features, md5
        }
    }

    /// The video itself.
    public struct Source: Hashable, Sendable, Codable {
        public var durationSeconds: Double
        /// As shown: upright, with square pixels.
        public var width: Int
        public var height: Int
        /// nil for a single frame.
        public var framesPerSecond: Double?
        public var frames: Int
        public var codec: String
        public var container: String
        public var pixelFormat: String
        /// Degrees clockwise by which the coded picture is turned.
        public var rotationDegrees: Int
        public var isInterlaced: Bool
        /// Packets or pictures that could not be decoded.
        public var damagedPackets: Int
        /// A limit ended the reading before the video's end.
        public var isTruncated: Bool

        public init(durationSeconds: Double, width: Int, height: Int, framesPerSecond: Double?, frames: Int, codec: String, container: String, pixelFormat: String,
                    rotationDegrees: Int, isInterlaced: Bool, damagedPackets: Int, isTruncated: Bool) {
            self.durationSeconds = Rounding.round(durationSeconds)
            self.width = width
            self.height = height
            self.framesPerSecond = framesPerSecond.map { Rounding.round($0, decimals: 3) }
            self.frames = frames
            self.codec = codec
            self.container = container
            self.pixelFormat = pixelFormat
            self.rotationDegrees = rotationDegrees
            self.isInterlaced = isInterlaced
            self.damagedPackets = damagedPackets
            self.isTruncated = isTruncated
        }

        enum CodingKeys: String, CodingKey {
            case durationSeconds = "duration_s", width, height, framesPerSecond = "fps", frames, codec, container, pixelFormat = "pixel_format"
            case rotationDegrees = "rotation", isInterlaced = "interlaced", damagedPackets = "damaged_packets", isTruncated = "truncated"
        }
    }

    public var clip: String
    public var isStatic: Bool
    public var staticKind: StaticVerdict.Kind
    /// 0.5…1.
    public var staticConfidence: Double
    public var staticReasons: [String]
    public var frameTimes: [Double]
    public var cuts: [Double]
    public var transitions: [VisualFeatures.Transition]
    public var averageShotSeconds: Double
    public var motionPerSecond: [Double]
    public var movingAreaPerSecond: [Double]
    public var zoomPerSecond: [Double?]
    public var panPerSecond: [Double?]
    public var tiltPerSecond: [Double?]
    public var cameraSegments: [VisualFeatures.CameraSegment]
    public var brightnessPerSecond: [Double]
    public var contrastPerSecond: [Double]
    public var palette: [PaletteColour]
    public var blackSegments: [VisualFeatures.Interval]
    public var textAreaPerSecond: [Double]
    public var bars: PictureBars
    public var frames: [Frame]
    public var source: Source

    public init(clip: String, features: VisualFeatures, frames: [Frame], source: Source) {
        self.clip = clip
        isStatic = features.verdict.isStatic
        staticKind = features.verdict.kind
        staticConfidence = features.verdict.confidence
        staticReasons = features.verdict.reasons
        frameTimes = frames.map(\.seconds)
        cuts = features.cuts
        transitions = features.transitions
        averageShotSeconds = features.averageShotSeconds
        motionPerSecond = features.motionPerSecond
        movingAreaPerSecond = features.movingAreaPerSecond
        zoomPerSecond = features.zoomPerSecond
        panPerSecond = features.panPerSecond
        tiltPerSecond = features.tiltPerSecond
        cameraSegments = features.cameraSegments
        brightnessPerSecond = features.brightnessPerSecond
        contrastPerSecond = features.contrastPerSecond
        palette = features.palette
        blackSegments = features.blackSegments
        textAreaPerSecond = features.textAreaPerSecond
        bars = features.bars
        self.frames = frames
        self.source = source
    }

    enum CodingKeys: String, CodingKey {
        case clip, isStatic = "static", staticKind = "static_kind", staticConfidence = "static_confidence", staticReasons = "static_reasons"
        case frameTimes = "frame_times", cuts, transitions, averageShotSeconds = "average_shot_s", motionPerSecond = "motion_per_second"
        case movingAreaPerSecond = "moving_area_per_second", zoomPerSecond = "zoom_per_second", panPerSecond = "pan_per_second", tiltPerSecond = "tilt_per_second"
        case cameraSegments = "camera_segments", textAreaPerSecond = "text_area_per_second", bars
        case brightnessPerSecond = "brightness_per_second", contrastPerSecond = "contrast_per_second", palette, blackSegments = "black_segments", frames, source
    }
}
