/// Decoded audio: planar samples and what the file said of itself.
public struct AudioClip: Sendable {
    /// Library that read the file.
    public enum Decoder: String, Sendable, Codable {
        case libsndfile
        case libav
    }

    /// Samples a second, per channel.
    public var sampleRate: Int
    /// One array a channel, all of `frameCount` samples; full scale is ±1, every sample finite.
    public var channels: [[Float]]
    /// Container, in words (`ogg`, `mov,mp4,…`).
    public var container: String
    /// Codec, in words (`vorbis`, `aac`, `pcm_s16`).
    public var codec: String
    public var decoder: Decoder
    /// Seconds from the start of the file's timeline to the first sample: where decoding was told to begin, and in a video what the sound comes late.
    public var startTime: Double
    /// True when samples past the limits were left out.
    public var isTruncated: Bool
    /// Samples that were no finite number and were replaced by 0.
    public var replacedSampleCount: Int
    /// What was wrong with the file and was survived, in words.
    public var warnings: [String]

    public var frameCount: Int { channels.first?.count ?? 0 }
    /// Seconds of audio.
    public var duration: Double { Double(frameCount) / Double(sampleRate) }

    init(_ audio: DecodedAudio, channels: [[Float]]) {
        self.channels = channels
        (sampleRate, container, codec, decoder) = (audio.sampleRate, audio.container, audio.codec, audio.decoder)
        (startTime, isTruncated, replacedSampleCount, warnings) = (audio.startTime, audio.isTruncated, audio.replacedSampleCount, audio.warnings)
    }
}
