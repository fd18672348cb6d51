/// A video's frames at the targets, and what is known of the video after it was decoded.
public struct SampledVideo: Sendable {
    /// Facts about the stream.
    public struct Stream: Hashable, Sendable, Codable {
        /// FFmpeg's name of the codec, such as `h264`.
        public var codec: String
        /// FFmpeg's name of the container, such as `mov,mp4,m4a,3gp,3g2,mj2`.
        public var container: String
        /// Size of the first coded picture, in pixels, before it is turned upright.
        public var codedWidth: Int
        public var codedHeight: Int
        /// Size as it is shown: upright, with square pixels.
        public var displayWidth: Int
        public var displayHeight: Int
        /// Degrees clockwise by which the coded picture is turned for display: 0, 90, 180 or 270.
        public var rotationDegrees: Int
        public var isInterlaced: Bool
        /// FFmpeg's name of the pixel format, such as `yuv420p10le`.
        public var pixelFormat: String
    }

    /// One taken frame.
    public struct Frame: Sendable {
        /// Position in the list of targets, from 0.
        public var target: Int
        /// Seconds from the first displayed frame: what was asked for, and the time of the frame on screen then.
        public var targetSeconds: Double
        public var seconds: Double
        /// Index in display order, from 0.
        public var index: Int
        /// JPEG (JFIF, baseline), upright, square pixels, and its size in pixels.
        public var jpeg: [UInt8]
        public var jpegWidth: Int
        public var jpegHeight: Int
        public var thumbnail: PictureThumbnail
        /// Hexadecimal MD5 of the raw planes in the video's pixel format, when asked for.
        public var md5: String?
    }

    public var stream: Stream
    public var frames: [Frame]
    /// All frames in one JPEG, five a row, when asked for and where there are any.
    public var contactSheet: [UInt8]?
    /// Time of the last frame plus the median step, in seconds; 0 for a single frame.
    public var durationSeconds: Double
    /// Frames of the video, whether they had to be decoded or not, and frames a second over the whole; nil for a single frame.
    public var decodedFrames: Int
    public var framesPerSecond: Double?
    /// Packets and pictures that could not be decoded; the rest is good.
    public var damagedPackets: Int
    /// A limit of time or frames ended the reading before the video's end.
    public var isTruncated: Bool
    /// Why reading ended before the container's end, in FFmpeg's words.
    public var readingProblem: String?
    /// Whether only what a plan names was decoded, and not everything. The rest of the result does not depend on it.
    package var isPlanned = false
    /// What decoded the pictures where software did not. The rest of the result does not depend on it.
    public internal(set) var hardware: HardwareDecoder?
}
