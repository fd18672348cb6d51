/// Decodes the audio of a file, whatever its name: libsndfile first, FFmpeg for what that cannot read (MP4, AAC, video
/// containers, damaged MP3).
public struct AudioDecoder: Sendable {
    public init() {}

    /// The audio of a file, planar and finite, up to `limits.maximumDuration`.
    ///
    /// Damage is survived where something is left: a cut or broken file gives what is there, with warnings.
    /// - Throws: `media.missing`, `media.unreadable`, `media.empty`, `media.file_too_large`, `media.format_unknown`,
    ///   `media.container_broken`, `media.deadline`, `audio.no_stream`, `audio.codec_unknown`, `audio.no_samples`,
    ///   `audio.format_unsupported`, …
    public func decode(path: String, limits: MediaLimits = MediaLimits()) throws(MediaError) -> AudioClip {
        try MediaInput.checkFile(path, limits)
        let reading = try SndFileReader.read(path, limits, MediaDeadline(after: limits.deadline))
        switch reading {
        case .clip(let clip, isComplete: true):
            return clip
        case .clip(let clip, isComplete: false):
            // mpg123 gives up where FFmpeg finds the next frame; for other formats the header lied and both read the same.
            guard clip.container == "mp3" || clip.container == "ogg" else { return clip }
            guard let other = try? LibAVAudioReader.read(path, limits), other.frameCount > clip.frameCount + clip.sampleRate / 10 else {
                return clip
            }
            return other
        case .unreadable(let cause):
            do {
                return try LibAVAudioReader.read(path, limits)
            } catch {
                var failure = error
                failure.cause = [error.cause, "libsndfile: \(cause)"].compactMap { $0 }.joined(separator: "; ")
                throw failure
            }
        }
    }
}
