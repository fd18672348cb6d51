/// What a file may ask of this process. Checked before memory is taken for it, and while it is read.
public struct MediaLimits: Hashable, Sendable, Codable {
    /// Size of the file, in bytes.
    public var maximumFileBytes: Int64 = 4 << 30
    /// Streams of all kinds in one container.
    public var maximumStreams = 64
    /// One compressed packet, in bytes.
    public var maximumPacketBytes = 32 << 20
    /// Packets read from one file, of the stream that is wanted.
    public var maximumPackets = 400_000
    /// Packets read from one file, of all streams.
    public var maximumPacketsOfAllStreams = 4_000_000
    /// Coded picture, in pixels.
    public var maximumWidth = 8192
    public var maximumHeight = 8192
    /// Pixels of one coded picture.
    public var maximumPixels = 36_000_000
    /// Decoded pictures that are looked at; what follows is left out and the result says so.
    public var maximumFrames = 36_000
    /// Media time that is looked at; what follows is left out and the result says so.
    public var maximumDuration: Duration = .seconds(600)
    /// Bytes and media time read to learn what the streams are.
    public var probeBytes: Int64 = 8 << 20
    public var probeDuration: Duration = .seconds(10)
    /// Wall-clock time for all work on one file.
    public var deadline: Duration = .seconds(300)

    public init() {}
}
