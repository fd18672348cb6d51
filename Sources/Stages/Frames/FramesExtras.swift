/// What `mvfleet sample` can ask for beside the frames and the report. Of no meaning to the stage's results.
public struct FramesExtras: Codable, Hashable, Sendable {
    /// Only the frames and their times: no features, no verdict, the least decoding.
    public var isFramesOnly = false
    /// All frames in one more picture, five a row.
    public var includesContactSheet = false
    /// The MD5 of each frame's raw planes, as `ffmpeg -f framemd5` prints it.
    public var includesFrameMD5 = false

    public init() {}
}
