import Glibc

/// Decodes the audio of a file, whatever its name: libsndfile first, FFmpeg for what that cannot read (MP4, AAC, video
/// containers, damaged MP3).
public struct AudioDecoder: Sendable {
    public init() {}

    /// The audio of a file from `start` on, planar and finite, up to `limits.maximumDuration`.
    ///
    /// Memory is that of the part that is kept (`AudioSampleSink.maximumSamples` floats at most), wherever in the file it lies.
    ///
    /// - Parameter start: seconds from the first sample, met to the sample; finite and not negative.
    /// Damage is survived where something is left: a cut or broken file gives what is there, with warnings.
    /// - Throws: `media.missing`, `media.unreadable`, `media.empty`, `media.file_too_large`, `media.format_unknown`,
    ///   `media.container_broken`, `media.deadline`, `audio.no_stream`, `audio.codec_unknown`, `audio.no_samples`,
    ///   `audio.format_unsupported`, `audio.start_past_end`, …
    public func decode(path: String, from start: Double = 0, limits: MediaLimits = MediaLimits()) throws(MediaError) -> AudioClip {
        precondition(start >= 0 && start.isFinite, "a start is a time from the file's beginning on")
        try MediaInput.checkFile(path, limits)
        // MP3 goes to FFmpeg, which finds its way again after damaged bytes and stays quiet about it.
        if try Self.looksLikeMP3(path), let clip = try Self.readMP3(path, from: start, limits) { return clip }
        switch try SndFileReader.read(path, from: start, limits, MediaDeadline(after: limits.deadline)) {
        case .clip(let clip):
            return clip
        case .unreadable(let cause):
            do {
                return try LibAVAudioReader.read(path, from: start, limits)
            } catch {
                guard error.code != .startPastEnd else { throw error }
                var failure = error
                failure.cause = [error.cause, "libsndfile: \(cause)"].compactMap { $0 }.joined(separator: "; ")
                throw failure
            }
        }
    }

    /// Nil where FFmpeg does not read it.
    private static func readMP3(_ path: String, from start: Double, _ limits: MediaLimits) throws(MediaError) -> AudioClip? {
        do {
            return try LibAVAudioReader.read(path, from: start, limits)
        } catch {
            if error.code == .startPastEnd { throw error }
            return nil
        }
    }

    /// An ID3 tag, or the sync bits of an MPEG audio frame of layer III.
    private static func looksLikeMP3(_ path: String) throws(MediaError) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw MediaError(.unreadable, "\(path): cannot be read; check its permissions", cause: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var head = [UInt8](repeating: 0, count: 4)
        // Invariant: at most the array's four bytes are written.
        guard read(descriptor, &head, 4) == 4 else { return false }
        return head.starts(with: [0x49, 0x44, 0x33]) || (head[0] == 0xFF && head[1] & 0xE6 == 0xE2)
    }
}
