extension MediaError.Code {
    /// The audio stream's codec is unknown, or not accepted here.
    public static let audioCodecUnknown: Self = "audio.codec_unknown"
    /// Not one sample could be decoded.
    public static let noSamples: Self = "audio.no_samples"
    /// A sample rate or a number of channels that no music has.
    public static let audioFormatUnsupported: Self = "audio.format_unsupported"
    /// The file ends before the part that is wanted begins.
    public static let startPastEnd: Self = "audio.start_past_end"
}

extension MediaError {
    static let sampleRates = 1_000 ... 768_000
    static let channelCounts = 1 ... 64

    static func checkAudioFormat(_ path: String, sampleRate: Int, channelCount: Int) throws(MediaError) {
        guard sampleRates.contains(sampleRate), channelCounts.contains(channelCount) else {
            throw MediaError(.audioFormatUnsupported,
                             "\(path): \(channelCount) channels at \(sampleRate) Hz is outside 1–64 channels at 1–768 kHz; convert the file")
        }
    }

    /// - Parameter end: seconds that the file has; nil where that is not known.
    static func startPastEnd(_ path: String, start: Double, end: Double?) -> MediaError {
        let length = end.map { "it ends after \(($0 * 100).rounded() / 100) s" } ?? "it ends before that"
        return MediaError(.startPastEnd, "\(path): there is nothing at \(start) s, \(length); give an earlier start")
    }

    static func noSamples(_ path: String, cause: String?) -> MediaError {
        MediaError(.noSamples, "\(path): no audio could be decoded from it; the file is damaged or no audio, fetch it again", cause: cause)
    }
}
