import Glibc

/// Decodes the audio of a file, whatever its name: libsndfile first, FFmpeg for what that cannot read (MP4, AAC, video
/// containers, damaged MP3).
public struct AudioDecoder: Sendable {
    public init() {}

    /// What the samples of a whole clip may come to, all channels together: 2²⁶ are 256 MiB, 12 minutes of stereo at 44.1 kHz.
    private static let maximumSamplesOfAClip = 1 << 26

    /// The audio of a file from `start` on, planar and finite, up to `limits.maximumDuration` and 2²⁶ samples.
    ///
    /// - Parameter start: seconds from the first sample, met to the sample; finite and not negative.
    /// - Throws: as ``decode(path:from:limits:into:)``.
    public func decode(path: String, from start: Double = 0, limits: MediaLimits = MediaLimits()) throws(MediaError) -> AudioClip {
        let collector = AudioCollector()
        let request = AudioSampleSink.Request(start: start, limits: limits, maximumSamples: Self.maximumSamplesOfAClip, receiver: collector)
        let audio = try decode(path, request)
        return AudioClip(audio, channels: collector.channels)
    }

    /// Hands the audio of a file from `start` on to a receiver while it is decoded, up to `limits.maximumDuration`: memory is what the receiver keeps.
    ///
    /// Damage is survived where something is left: a cut or broken file gives what is there, with warnings. After an error, what was received is void.
    /// - Parameter start: seconds from the first sample, met to the sample; finite and not negative.
    /// - Throws: `media.missing`, `media.unreadable`, `media.empty`, `media.file_too_large`, `media.format_unknown`,
    ///   `media.container_broken`, `media.deadline`, `audio.no_stream`, `audio.codec_unknown`, `audio.no_samples`,
    ///   `audio.format_unsupported`, `audio.start_past_end`, …
    public func decode(path: String, from start: Double = 0, limits: MediaLimits = MediaLimits(), into receiver: any AudioReceiver) throws(MediaError) -> DecodedAudio {
        try decode(path, AudioSampleSink.Request(start: start, limits: limits, maximumSamples: .max, receiver: receiver))
    }

    private func decode(_ path: String, _ request: AudioSampleSink.Request) throws(MediaError) -> DecodedAudio {
        precondition(request.start >= 0 && request.start.isFinite, "a start is a time from the file's beginning on")
        try MediaInput.checkFile(path, request.limits)
        // MP3 goes to FFmpeg, which finds its way again after damaged bytes and stays quiet about it.
        if try Self.looksLikeMP3(path), let audio = try Self.readMP3(path, request) { return audio }
        switch try SndFileReader.read(path, request, MediaDeadline(after: request.limits.deadline)) {
        case .audio(let audio):
            return audio
        case .unreadable(let cause):
            do {
                return try LibAVAudioReader.read(path, request)
            } catch {
                guard error.code != .startPastEnd else { throw error }
                var failure = error
                failure.cause = [error.cause, "libsndfile: \(cause)"].compactMap { $0 }.joined(separator: "; ")
                throw failure
            }
        }
    }

    /// Nil where FFmpeg does not read it.
    private static func readMP3(_ path: String, _ request: AudioSampleSink.Request) throws(MediaError) -> DecodedAudio? {
        do {
            return try LibAVAudioReader.read(path, request)
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
