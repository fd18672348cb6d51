import CLibAV

/// Hands on FFmpeg's audio frames, of any sample format, as planar floats. The first frame decides rate and channels.
struct LibAVSampleCollector {
    private let path: String
    private let request: AudioSampleSink.Request
    /// Seconds that the container says the stream has.
    private let declaredSeconds: Double?
    private(set) var sink: AudioSampleSink?
    private(set) var sampleRate = 0
    /// Presentation time of the first sample in the stream's time base.
    private(set) var firstTimestamp: Int64?
    private(set) var stopReason: String?

    init(path: String, _ request: AudioSampleSink.Request, declaredSeconds: Double?) {
        self.path = path
        self.request = request
        self.declaredSeconds = declaredSeconds
    }

    var isFinished: Bool { stopReason != nil || sink?.isFull == true }
    var frameCount: Int { sink?.frameCount ?? 0 }

    mutating func stop(because reason: String) { stopReason = reason }

    /// Hands on what is left. To be called after the last frame.
    mutating func finish() { sink?.flush() }

    mutating func append(_ frame: UnsafeMutablePointer<AVFrame>) throws(MediaError) {
        let rate = Int(frame.pointee.sample_rate)
        let channelCount = Int(frame.pointee.ch_layout.nb_channels)
        let count = Int(frame.pointee.nb_samples)
        guard count > 0 else { return }
        try MediaError.checkAudioFormat(path, sampleRate: rate, channelCount: channelCount)
        if sink == nil {
            let first = request.framesToSkip(sampleRate: rate)
            sink = AudioSampleSink(request, channelCount: channelCount, sampleRate: rate, skipping: first,
                                   expectedFrames: declaredSeconds.map { Int(min($0 * Double(rate), 1e15)) - first })
            sampleRate = rate
            let timestamp = frame.pointee.best_effort_timestamp
            firstTimestamp = timestamp == mv_no_timestamp() ? nil : timestamp
        }
        guard rate == sampleRate else {
            stop(because: "the sample rate changes from \(sampleRate) to \(rate) Hz after \(frameCount) frames; the rest is left out")
            return
        }
        guard let planes = frame.pointee.extended_data else { return }
        let format = AVSampleFormat(frame.pointee.format)
        let isPlanar = av_sample_fmt_is_planar(format) != 0
        let bytes = Int(av_get_bytes_per_sample(format))
        guard bytes > 0 else { return }

        /// The sample of one channel as raw bytes. A stream that turns mono keeps filling every channel.
        // Invariant: FFmpeg gives `channelCount` planes of `count` samples when planar, else one plane of count × channelCount;
        // `channel` is taken below channelCount and `index` is below count.
        func location(_ channel: Int, _ index: Int) -> UnsafeRawPointer? {
            let channel = min(channel, channelCount - 1)
            let plane = isPlanar ? planes[channel] : planes[0]
            return plane.map { UnsafeRawPointer($0 + (isPlanar ? index : index * channelCount + channel) * bytes) }
        }
        func append<Sample: BitwiseCopyable>(_ type: Sample.Type, _ convert: (Sample) -> Float) {
            sink?.append(frames: count) { channel, index in
                location(channel, index).map { convert($0.loadUnaligned(as: Sample.self)) } ?? 0
            }
        }
        switch format {
        case AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_FLTP: append(Float.self) { $0 }
        case AV_SAMPLE_FMT_DBL, AV_SAMPLE_FMT_DBLP: append(Double.self) { Float($0) }
        case AV_SAMPLE_FMT_S16, AV_SAMPLE_FMT_S16P: append(Int16.self) { Float($0) / 32_768 }
        case AV_SAMPLE_FMT_S32, AV_SAMPLE_FMT_S32P: append(Int32.self) { Float($0) / 2_147_483_648 }
        case AV_SAMPLE_FMT_S64, AV_SAMPLE_FMT_S64P: append(Int64.self) { Float(Double($0) / 9_223_372_036_854_775_808) }
        case AV_SAMPLE_FMT_U8, AV_SAMPLE_FMT_U8P: append(UInt8.self) { (Float($0) - 128) / 128 }
        default: stop(because: "an unknown sample format (\(frame.pointee.format))")
        }
    }
}
