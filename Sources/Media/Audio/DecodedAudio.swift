/// What a file said of the audio that was decoded from it, without the samples.
public struct DecodedAudio: Sendable {
    /// Samples a second, per channel.
    public var sampleRate: Int
    public var channelCount: Int
    /// Samples of each channel.
    public var frameCount: Int
    /// Container, in words (`ogg`, `mov,mp4,…`).
    public var container: String
    /// Codec, in words (`vorbis`, `aac`, `pcm_s16`).
    public var codec: String
    public var decoder: AudioClip.Decoder
    /// Seconds from the start of the file's timeline to the first sample: where decoding was told to begin, and in a video what the sound comes late.
    public var startTime: Double = 0
    /// True when samples past the limits were left out.
    public var isTruncated = false
    /// Samples that were no finite number and were replaced by 0.
    public var replacedSampleCount = 0
    /// What was wrong with the file and was survived, in words.
    public var warnings: [String] = []

    /// Seconds of audio.
    public var duration: Double { Double(frameCount) / Double(sampleRate) }
}
