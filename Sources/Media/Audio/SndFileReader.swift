import CSndFile
import Glibc

/// Reads what libsndfile knows (WAV, FLAC, Ogg Vorbis, Opus, MP3, AIFF, …), recognised by content alone.
struct SndFileReader {
    /// What came of one file.
    enum Reading {
        case audio(DecodedAudio)
        /// libsndfile does not know the format, or finds nothing in it.
        case unreadable(cause: String)
    }

    /// The start is found by seeking where the format allows it, and otherwise by reading what comes before.
    static func read(_ path: String, _ request: AudioSampleSink.Request, _ deadline: MediaDeadline) throws(MediaError) -> Reading {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw MediaError(.unreadable, "\(path): cannot be read; check its permissions", cause: String(cString: strerror(errno)))
        }
        var information = SF_INFO()
        // Opened by descriptor, so that the name plays no part; libsndfile closes the descriptor, also when it fails.
        guard let file = sf_open_fd(descriptor, Int32(SFM_READ), &information, Int32(SF_TRUE)) else {
            return .unreadable(cause: String(cString: sf_strerror(nil)))
        }
        defer { sf_close(file) }
        let (rate, channelCount) = (Int(information.samplerate), Int(information.channels))
        try MediaError.checkAudioFormat(path, sampleRate: rate, channelCount: channelCount)

        let first = request.framesToSkip(sampleRate: rate)
        let hasSought = first > 0 && seek(file, to: first, information)
        let declared = Int(information.frames)
        var sink = AudioSampleSink(request, channelCount: channelCount, sampleRate: rate, skipping: hasSought ? 0 : first,
                                   expectedFrames: declared < Int.max ? declared - first : nil)
        let blockFrames = AudioSampleSink.blockFrames
        var block = [Float](repeating: 0, count: blockFrames * channelCount)
        while !sink.isFull {
            try deadline.check(path)
            // Invariant: the block holds blockFrames × channels samples, which is what may be written.
            let frames = Int(sf_readf_float(file, &block, sf_count_t(blockFrames)))
            guard frames > 0 else { break }
            sink.append(frames: min(frames, blockFrames)) { channel, frame in block[frame * channelCount + channel] }
        }
        sink.flush()
        if sink.frameCount == 0 && (hasSought || sink.skippedFrames > 0) {
            throw .startPastEnd(path, start: request.start, end: hasSought ? nil : Double(sink.skippedFrames) / Double(rate))
        }
        guard sink.frameCount > 0 else { return .unreadable(cause: String(cString: sf_strerror(file))) }

        var audio = DecodedAudio(sampleRate: rate, channelCount: channelCount, frameCount: sink.frameCount, container: container(information.format),
                                 codec: codec(information.format), decoder: .libsndfile)
        audio.startTime = Double(first) / Double(rate)
        audio.isTruncated = sink.isFull
        audio.replacedSampleCount = sink.replacedSampleCount
        if !sink.isFull && declared > first + sink.frameCount {
            audio.warnings.append("the header promises \(declared) frames, the file holds \(first + sink.frameCount)")
        }
        return .audio(audio)
    }

    /// False where the format cannot seek, or the header's length does not reach there; then reading goes on from the beginning.
    private static func seek(_ file: OpaquePointer, to frame: Int, _ information: SF_INFO) -> Bool {
        guard information.seekable != 0, frame < Int(information.frames) else { return false }
        if sf_seek(file, sf_count_t(frame), Int32(SEEK_SET)) == sf_count_t(frame) { return true }
        sf_seek(file, 0, Int32(SEEK_SET))
        return false
    }

    private static func container(_ format: Int32) -> String {
        switch format & Int32(SF_FORMAT_TYPEMASK) {
        case Int32(SF_FORMAT_WAV), Int32(SF_FORMAT_WAVEX): "wav"
        case Int32(SF_FORMAT_AIFF): "aiff"
        case Int32(SF_FORMAT_AU): "au"
        case Int32(SF_FORMAT_FLAC): "flac"
        case Int32(SF_FORMAT_OGG): "ogg"
        case Int32(SF_FORMAT_CAF): "caf"
        case Int32(SF_FORMAT_W64): "w64"
        case Int32(SF_FORMAT_RF64): "rf64"
        case Int32(SF_FORMAT_MPEG): "mp3"
        default: "libsndfile-\(String(UInt32(bitPattern: format) >> 16, radix: 16))"
        }
    }

    private static func codec(_ format: Int32) -> String {
        switch format & Int32(SF_FORMAT_SUBMASK) {
        case Int32(SF_FORMAT_PCM_S8), Int32(SF_FORMAT_PCM_U8): format & Int32(SF_FORMAT_TYPEMASK) == Int32(SF_FORMAT_FLAC) ? "flac" : "pcm_8"
        case Int32(SF_FORMAT_PCM_16): format & Int32(SF_FORMAT_TYPEMASK) == Int32(SF_FORMAT_FLAC) ? "flac" : "pcm_16"
        case Int32(SF_FORMAT_PCM_24): format & Int32(SF_FORMAT_TYPEMASK) == Int32(SF_FORMAT_FLAC) ? "flac" : "pcm_24"
        case Int32(SF_FORMAT_PCM_32): "pcm_32"
        case Int32(SF_FORMAT_FLOAT): "pcm_f32"
        case Int32(SF_FORMAT_DOUBLE): "pcm_f64"
        case Int32(SF_FORMAT_ULAW): "mulaw"
        case Int32(SF_FORMAT_ALAW): "alaw"
        case Int32(SF_FORMAT_VORBIS): "vorbis"
        case Int32(SF_FORMAT_OPUS): "opus"
        case Int32(SF_FORMAT_MPEG_LAYER_I): "mp1"
        case Int32(SF_FORMAT_MPEG_LAYER_II): "mp2"
        case Int32(SF_FORMAT_MPEG_LAYER_III): "mp3"
        default: "libsndfile-\(String(format & Int32(SF_FORMAT_SUBMASK), radix: 16))"
        }
    }
}
