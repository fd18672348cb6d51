import CLibAV

/// A file whose video stream was found, with the stream's packets ahead. Not for several threads at once.
final class OpenedVideo {
    let input: MediaInput
    let streamIndex: Int
    /// Valid as long as `input`.
    let stream: UnsafeMutablePointer<AVStream>
    let packets: PacketQueue

    /// - Parameter deadline: the work's, where it has begun already.
    /// - Throws: a `media.…` code when the file cannot be opened; `video.no_stream`.
    init(path: String, limits: MediaLimits, deadline: MediaDeadline? = nil) throws(MediaError) {
        let input = try MediaInput(path: path, limits: limits, deadline: deadline)
        guard let index = input.bestStream(AVMEDIA_TYPE_VIDEO), let stream = input.stream(index) else {
            throw MediaError(.noVideoStream, "\(path): no video stream in it (a cover picture is none); give a video file", cause: LibAVLog.last)
        }
        input.select(index)
        self.input = input
        streamIndex = index
        self.stream = stream
        packets = PacketQueue(input: input, streamIndex: index)
    }

    /// - Throws: `video.codec_unknown`, `video.too_large`, `media.out_of_memory`.
    func decoder() throws(MediaError) -> VideoDecoder {
        try VideoDecoder(stream: stream, declaredSize: input.declaredSize(streamIndex), path: input.path, limits: input.limits)
    }

    /// - Parameter device: nil for software.
    /// - Returns: nil where it cannot be set up on the device: what is wrong with a stream, software says.
    func decoder(on device: HardwareDevice?) throws(MediaError) -> VideoDecoder? {
        guard let device else { return try decoder() }
        return try? VideoDecoder(stream: stream, declaredSize: input.declaredSize(streamIndex), path: input.path, limits: input.limits, device: device)
    }

    var codec: AVCodecID { stream.pointee.codecpar?.pointee.codec_id ?? AV_CODEC_ID_NONE }

    /// Itself with its packets from the first on: rewound, or, where some were let go, opened anew.
    func fromTheFirstPacket() throws(MediaError) -> OpenedVideo {
        if packets.canRewind {
            packets.rewind()
            return self
        }
        return try OpenedVideo(path: input.path, limits: input.limits, deadline: input.deadline)
    }
}
