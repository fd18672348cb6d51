/// The one shape of an error in this module. The message names the file, the cause, and what to do.
public struct MediaError: Error, Hashable, Sendable, Codable, CustomStringConvertible {
    /// A stable, dotted, lower-case name of the cause, such as `video.no_stream`.
    public struct Code: RawRepresentable, Hashable, Sendable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public init(stringLiteral value: String) { rawValue = value }
        public var description: String { rawValue }
    }

    public var code: Code
    public var message: String
    /// What lay beneath, in its own words.
    public var cause: String?
    /// True when the same file may well work at another time: a machine too busy, a disk that failed to answer.
    public var isRetriable: Bool

    public init(_ code: Code, _ message: String, cause: String? = nil, isRetriable: Bool = false) {
        self.code = code
        self.message = message
        self.cause = cause
        self.isRetriable = isRetriable
    }

    public var description: String {
        cause.map { "\(message) (\(code): \($0))" } ?? "\(message) (\(code))"
    }
}

extension MediaError.Code {
    /// There is no such file.
    public static let missing: Self = "media.missing"
    /// The file may not be read, or is no regular file, or the disk failed.
    public static let unreadable: Self = "media.unreadable"
    /// The file has no bytes.
    public static let empty: Self = "media.empty"
    /// The file is larger than the limit.
    public static let fileTooLarge: Self = "media.file_too_large"
    /// The bytes are no media format that is accepted here.
    public static let formatUnknown: Self = "media.format_unknown"
    /// The container is broken: an index is missing, or its header contradicts itself.
    public static let containerBroken: Self = "media.container_broken"
    /// The file ran past its deadline.
    public static let deadline: Self = "media.deadline"
    /// Memory for the work could not be had.
    public static let outOfMemory: Self = "media.out_of_memory"
    /// A limit other than size and time was passed: streams, packets, packet bytes.
    public static let limitExceeded: Self = "media.limit_exceeded"

    /// The file has no video stream (a cover picture is none).
    public static let noVideoStream: Self = "video.no_stream"
    /// The video's codec is unknown, or not accepted here.
    public static let videoCodecUnknown: Self = "video.codec_unknown"
    /// The picture is larger than the limit.
    public static let videoTooLarge: Self = "video.too_large"
    /// Not one picture could be decoded.
    public static let noFrames: Self = "video.no_frames"
    /// A picture could not be scaled or written as JPEG.
    public static let pictureFailed: Self = "video.picture_failed"

    /// The file has no audio stream.
    public static let noAudioStream: Self = "audio.no_stream"
}
