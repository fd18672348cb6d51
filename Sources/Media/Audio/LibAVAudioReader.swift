import CLibAV

/// Reads the best audio stream of a container through FFmpeg.
struct LibAVAudioReader {
    /// - Parameter start: seconds; what comes before is decoded and not kept, which is exact in every container.
    static func read(_ path: String, from start: Double, _ limits: MediaLimits) throws(MediaError) -> AudioClip {
        let input = try MediaInput(path: path, limits: limits)
        guard let index = input.bestStream(AVMEDIA_TYPE_AUDIO), let stream = input.stream(index) else {
            throw MediaError(.noAudioStream, "\(path): has no audio stream; there is nothing to analyse")
        }
        let decoder = try LibAVAudioDecoder(path: path, stream: stream)
        input.select(index)
        return try collect(input, from: start, index, stream, decoder)
    }

    private static func collect(
        _ input: MediaInput, from start: Double, _ index: Int, _ stream: UnsafeMutablePointer<AVStream>, _ decoder: LibAVAudioDecoder
    ) throws(MediaError) -> AudioClip {
        guard let allocated = av_packet_alloc() else { throw .outOfMemory(input.path) }
        var packet: UnsafeMutablePointer<AVPacket>? = allocated
        defer { av_packet_free(&packet) }

        var collector = LibAVSampleCollector(path: input.path, start: start, limits: input.limits)
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
        if let sink = collector.sink, sink.frameCount == 0, sink.skippedFrames > 0, goodPackets > damagedPackets {
            throw .startPastEnd(input.path, start: start, end: Double(sink.skippedFrames) / Double(collector.sampleRate))
        }
        // Random bytes hold a valid header now and then: where most packets are refused, the rest is chance and no music.
        guard let sink = collector.sink, sink.frameCount > 0, goodPackets > damagedPackets else {
            throw .noSamples(input.path, cause: LibAVLog.last)
        }
        if damagedPackets > 0 { warnings.append("\(damagedPackets) of \(packets) packets could not be decoded") }
        var clip = AudioClip(sampleRate: collector.sampleRate, channels: sink.channels, container: input.formatName,
                             codec: decoder.codecName, decoder: .libav)
        clip.startTime = startTime(collector.firstTimestamp, stream, input.context) + Double(sink.skippedFrames) / Double(collector.sampleRate)
        clip.isTruncated = sink.isFull || collector.stopReason != nil
        clip.replacedSampleCount = sink.replacedSampleCount
        clip.warnings = warnings + [collector.stopReason].compactMap { $0 }
        return clip
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
