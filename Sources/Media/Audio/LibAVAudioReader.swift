import CLibAV

/// Reads the best audio stream of a container through FFmpeg.
struct LibAVAudioReader {
    /// What comes before the start is decoded and not kept, which is exact in every container.
    static func read(_ path: String, _ request: AudioSampleSink.Request) throws(MediaError) -> DecodedAudio {
        let input = try MediaInput(path: path, limits: request.limits)
        guard let index = input.bestStream(AVMEDIA_TYPE_AUDIO), let stream = input.stream(index) else {
            throw MediaError(.noAudioStream, "\(path): has no audio stream; there is nothing to analyse")
        }
        let decoder = try LibAVAudioDecoder(path: path, stream: stream)
        input.select(index)
        return try collect(input, request, index, stream, decoder)
    }

    private static func collect(
        _ input: MediaInput, _ request: AudioSampleSink.Request, _ index: Int, _ stream: UnsafeMutablePointer<AVStream>, _ decoder: LibAVAudioDecoder
    ) throws(MediaError) -> DecodedAudio {
        guard let allocated = av_packet_alloc() else { throw .outOfMemory(input.path) }
        var packet: UnsafeMutablePointer<AVPacket>? = allocated
        defer { av_packet_free(&packet) }

        var collector = LibAVSampleCollector(path: input.path, request, declaredSeconds: declaredSeconds(stream, input.context))
        var warnings: [String] = []
        var damagedPackets = 0
        var goodPackets = 0
        var packets = 0
        reading: while !collector.isFinished {
            switch try input.read(into: allocated) {
            case .packet:
                defer { av_packet_unref(allocated) }
                guard Int(allocated.pointee.stream_index) == index else { continue }
                packets += 1
                guard packets <= input.limits.maximumPackets else {
                    collector.stop(because: "more than \(input.limits.maximumPackets) packets")
                    break reading
                }
                if try decoder.decode(allocated, into: &collector) { goodPackets += 1 } else { damagedPackets += 1 }
            case .end:
                _ = try decoder.decode(nil, into: &collector)
                break reading
            case .broken(let cause):
                _ = try decoder.decode(nil, into: &collector)
                warnings.append("the file cannot be read past \(collector.frameCount) frames: \(cause)")
                break reading
            }
        }
        collector.finish()
        if let sink = collector.sink, sink.frameCount == 0, sink.skippedFrames > 0, goodPackets > damagedPackets {
            throw .startPastEnd(input.path, start: request.start, end: Double(sink.skippedFrames) / Double(collector.sampleRate))
        }
        // Random bytes hold a valid header now and then: where most packets are refused, the rest is chance and no music.
        guard let sink = collector.sink, sink.frameCount > 0, goodPackets > damagedPackets else {
            throw .noSamples(input.path, cause: LibAVLog.last)
        }
        if damagedPackets > 0 { warnings.append("\(damagedPackets) of \(packets) packets could not be decoded") }
        var audio = DecodedAudio(sampleRate: collector.sampleRate, channelCount: sink.channelCount, frameCount: sink.frameCount, container: input.formatName,
                                 codec: decoder.codecName, decoder: .libav)
        audio.startTime = startTime(collector.firstTimestamp, stream, input.context) + Double(sink.skippedFrames) / Double(collector.sampleRate)
        audio.isTruncated = sink.isFull || collector.stopReason != nil
        audio.replacedSampleCount = sink.replacedSampleCount
        audio.warnings = warnings + [collector.stopReason].compactMap { $0 }
        return audio
    }

    /// What the stream, or else the container, says of its length; nil where neither does.
    private static func declaredSeconds(_ stream: UnsafeMutablePointer<AVStream>, _ context: UnsafeMutablePointer<AVFormatContext>) -> Double? {
        let base = stream.pointee.time_base
        if stream.pointee.duration > 0, base.den > 0, base.num > 0 { return Double(stream.pointee.duration) * Double(base.num) / Double(base.den) }
        return context.pointee.duration > 0 ? Double(context.pointee.duration) / 1_000_000 : nil
    }

    /// Seconds between the container's start and the first sample, 0 where either is unknown.
    private static func startTime(
        _ timestamp: Int64?, _ stream: UnsafeMutablePointer<AVStream>, _ context: UnsafeMutablePointer<AVFormatContext>
    ) -> Double {
        let base = stream.pointee.time_base
        guard let timestamp, base.den > 0, base.num > 0 else { return 0 }
        let containerStart = context.pointee.start_time
        let origin = containerStart == mv_no_timestamp() ? 0 : Double(containerStart) / 1_000_000
        let time = Double(timestamp) * Double(base.num) / Double(base.den) - origin
        return time.isFinite && time > 0.001 && time < 86_400 ? time : 0
    }
}
