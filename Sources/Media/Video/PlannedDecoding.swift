import CLibAV

/// Decodes what a plan says, and checks that its frames come. Not for several threads at once.
///
/// It goes the same way with hardware: packets are passed over, and pictures forgotten between runs (as a player does when it seeks), in the part of FFmpeg's
/// decoders that reads headers and keeps the references, before a device is asked for anything. Only pictures that are looked at leave the device.
final class PlannedDecoding {
    private let plan: FramePlan
    private let packets: [FramePlan.Packet]
    private let video: OpenedVideo
    private let decoder: VideoDecoder
    private let writer: FrameWriter
    private let incoming: PictureBuffer
    /// Wanted frames that have not come yet, by time stamp.
    private var awaited: [Int64: FramePlan.Wanted]
    private let wantedPackets: Set<Int>
    private var frames: [SampledVideo.Frame] = []

    /// - Parameters:
    ///   - packets: those that the plan was made from.
    ///   - video: at its first packet.
    ///   - decoder: the video's, unused.
    init(plan: FramePlan, packets: [FramePlan.Packet], video: OpenedVideo, decoder: VideoDecoder, sampling: FrameSampling) throws(MediaError) {
        guard let incoming = PictureBuffer() else { throw .outOfMemory(video.input.path) }
        self.plan = plan
        self.packets = packets
        self.video = video
        self.incoming = incoming
        self.decoder = decoder
        writer = FrameWriter(input: video.input, stream: video.stream, codecName: decoder.codecName, sampling: sampling)
        wantedPackets = Set(plan.wanted.lazy.map(\.packet))
        awaited = Dictionary(uniqueKeysWithValues: plan.wanted.map { ($0.stamp, $0) })
    }

    /// - Parameter visit: called for the frames of a survey, in output order.
    /// - Returns: nil when decoding did not go by the plan.
    func sample(_ visit: VideoSampler.Visit) throws(MediaError) -> SampledVideo? {
        guard let packet = av_packet_alloc() else { throw .outOfMemory(video.input.path) }
        defer {
            var freed: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&freed)
        }
        var position = 0
        var exactRuns = plan.exactRuns[...]
        for run in plan.runs {
            if position > 0 { decoder.startOver() }
            while position < run.upperBound {
                guard case .packet = try video.packets.next(into: packet) else { return nil }
                defer { av_packet_unref(packet) }
                // The file may have changed since it was looked at.
                guard packet.pointee.pts == packets[position].stamp else { return nil }
                if position >= run.lowerBound {
                    try video.input.deadline.check(video.input.path)
                    if let exact = exactRuns.first, exact.upperBound <= position { exactRuns.removeFirst() }
                    let isNeeded = exactRuns.first?.contains(position) ?? false
                    decoder.blockyPictures = !isNeeded ? .all : wantedPackets.contains(position) ? .none : .unreferenced
                    decoder.skipsUnreferencedPictures = !packets[position].isReferenced && !plan.decodedUnreferenced.contains(position)
                    guard decoder.send(packet), try drain(visit) else { return nil }
                }
                position += 1
            }
            _ = decoder.send(nil)
            guard try drain(visit) else { return nil }
        }
        guard awaited.isEmpty, !decoder.isUnsure, let stream = writer.stream else { return nil }
        return SampledVideo(stream: stream, frames: frames.sorted { $0.target < $1.target }, contactSheet: frames.isEmpty ? nil : try writer.contactSheet(),
                            durationSeconds: plan.durationSeconds, decodedFrames: plan.frameCount, framesPerSecond: plan.framesPerSecond, damagedPackets: 0, isTruncated: plan.isTruncated,
                            readingProblem: nil, isPlanned: true)
    }

    /// Takes all pictures that the decoder has ready.
    ///
    /// - Returns: false when one is damaged.
    private func drain(_ visit: VideoSampler.Visit) throws(MediaError) -> Bool {
        while true {
            switch decoder.receive(into: incoming.frame) {
            case .picture:
                defer { av_frame_unref(incoming.frame) }
                try writer.checkSize(incoming.frame)
                // A damaged picture may be what a wanted one refers to.
                guard incoming.frame.pointee.decode_error_flags == 0, incoming.frame.pointee.flags & AV_FRAME_FLAG_CORRUPT == 0 else { return false }
                guard try take(visit), !decoder.isUnsure else { return false }
            case .damaged:
                return false
            case .hungry, .end:
                return true
            }
        }
    }

    /// - Returns: false when the picture cannot be had from the device that decoded it.
    private func take(_ visit: VideoSampler.Visit) throws(MediaError) -> Bool {
        let stamp = incoming.frame.pointee.pts
        let wanted = awaited.removeValue(forKey: stamp), place = plan.places[stamp]
        guard wanted != nil || place != nil else { return true }
        guard decoder.bring(incoming.frame) else { return false }
        let thumbnail = try writer.prepare(incoming.frame)
        if let place { visit(thumbnail, place.seconds, place.index) }
        guard let wanted else { return true }
        frames += try writer.frames(incoming.frame, targets: wanted.targets, seconds: wanted.seconds, index: wanted.index, thumbnail: thumbnail)
        return true
    }
}
