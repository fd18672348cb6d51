import CLibAV

/// Decodes what a plan says, and checks that its frames come. Not for several threads at once.
final class PlannedDecoding {
    private let plan: FramePlan
    private let packets: [FramePlan.Packet]
    private let video: OpenedVideo
    private let decoder: VideoDecoder
    private let writer: FrameWriter
    private let skips: Bool
    private let incoming: PictureBuffer
    /// Wanted frames by time stamp and by packet; a frame that has come is out of the former.
    private var awaited: [Int64: FramePlan.Wanted]
    private let wantedPackets: Set<Int>
    private var frames: [SampledVideo.Frame] = []

    /// - Parameters:
    ///   - packets: those that the plan was made from.
    ///   - video: at its first packet.
    ///   - skips: whether the decoder passes over pictures that no other refers to.
    init(plan: FramePlan, packets: [FramePlan.Packet], video: OpenedVideo, sampling: FrameSampling, skips: Bool) throws(MediaError) {
        guard let incoming = PictureBuffer() else { throw .outOfMemory(video.input.path) }
        self.plan = plan
        self.packets = packets
        self.video = video
        self.skips = skips
        self.incoming = incoming
        decoder = try video.decoder()
        writer = FrameWriter(input: video.input, stream: video.stream, codecName: decoder.codecName, sampling: sampling)
        awaited = Dictionary(uniqueKeysWithValues: plan.wanted.map { ($0.stamp, $0) })
        wantedPackets = Set(plan.wanted.map(\.packet))
    }

    /// - Returns: nil when decoding did not go by the plan.
    func sample() throws(MediaError) -> SampledVideo? {
        guard let packet = av_packet_alloc() else { throw .outOfMemory(video.input.path) }
        defer {
            var freed: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&freed)
        }
        var position = 0
        for run in plan.runs {
            if position > 0 { decoder.startOver() }
            while position < run.upperBound {
                guard case .packet = try video.packets.next(into: packet) else { return nil }
                defer { av_packet_unref(packet) }
                // The file may have changed since it was looked at.
                guard packet.pointee.pts == packets[position].stamp else { return nil }
                if position >= run.lowerBound {
                    try video.input.deadline.check(video.input.path)
                    decoder.skipsUnreferencedPictures = skips && !wantedPackets.contains(position)
                    guard decoder.send(packet), try drain() else { return nil }
                }
                position += 1
            }
            _ = decoder.send(nil)
            guard try drain() else { return nil }
        }
        guard awaited.isEmpty, let stream = writer.stream else { return nil }
        return SampledVideo(stream: stream, frames: frames.sorted { $0.target < $1.target }, durationSeconds: plan.durationSeconds,
                            decodedFrames: plan.frameCount, framesPerSecond: plan.framesPerSecond, damagedPackets: 0, isTruncated: plan.isTruncated,
                            readingProblem: nil)
    }

    /// Takes all pictures that the decoder has ready.
    ///
    /// - Returns: false when one is damaged.
    private func drain() throws(MediaError) -> Bool {
        while true {
            switch decoder.receive(into: incoming.frame) {
            case .picture:
                defer { av_frame_unref(incoming.frame) }
                try writer.checkSize(incoming.frame)
                // A damaged picture may be what a wanted one refers to.
                guard incoming.frame.pointee.decode_error_flags == 0, incoming.frame.pointee.flags & AV_FRAME_FLAG_CORRUPT == 0 else { return false }
                if let wanted = awaited.removeValue(forKey: incoming.frame.pointee.pts) { try take(wanted) }
            case .damaged:
                return false
            case .hungry, .end:
                return true
            }
        }
    }

    private func take(_ wanted: FramePlan.Wanted) throws(MediaError) {
        let thumbnail = try writer.prepare(incoming.frame)
        frames += try writer.frames(incoming.frame, targets: wanted.targets, seconds: wanted.seconds, index: wanted.index, thumbnail: thumbnail)
    }
}
