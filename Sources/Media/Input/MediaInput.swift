import CLibAV
import Glibc

/// An opened media file: FFmpeg's container reader with the doors shut (one local regular file, known formats, bounded probing, a deadline).
/// Not for several threads at once. Closes in `deinit`.
package final class MediaInput {
    package let path: String
    package let limits: MediaLimits
    package let deadline: MediaDeadline
    /// Valid as long as this object; never nil, never reassigned. Freed by `deinit` alone.
    package let context: UnsafeMutablePointer<AVFormatContext>

    /// Width and height in pixels that the container states for each stream, before decoders corrected or dropped them.
    private let declaredPictureSizes: [(width: Int, height: Int)]

    private var packetsRead = 0

    /// Opens the file and learns its streams.
    ///
    /// - Parameter deadline: the work's, where it has begun already; otherwise the limits' time begins now.
    /// - Throws: `media.missing`, `media.unreadable`, `media.empty`, `media.file_too_large`, `media.format_unknown`, `media.container_broken`,
    ///   `media.limit_exceeded`, `media.deadline`, `media.out_of_memory`.
    package init(path: String, limits: MediaLimits = MediaLimits(), deadline: MediaDeadline? = nil) throws(MediaError) {
        LibAVLog.install()
        LibAVLog.clear()
        self.path = path
        self.limits = limits
        let deadline = deadline ?? MediaDeadline(after: limits.deadline)
        self.deadline = deadline
        try Self.checkFile(path, limits)

        guard let allocated = avformat_alloc_context() else { throw .outOfMemory(path) }
        allocated.pointee.interrupt_callback = deadline.interruptCallback
        var opened: UnsafeMutablePointer<AVFormatContext>? = allocated
        var options = Self.options(limits)
        defer { av_dict_free(&options) }
        // The scheme is spelled out, so that no path is ever read as the name of another protocol.
        let status = avformat_open_input(&opened, "file:" + path, nil, &options)
        guard status >= 0, let opened else {
            throw .opening(path, status) // a failed open has freed the context
        }
        context = opened
        declaredPictureSizes = (0..<Int(opened.pointee.nb_streams)).map { index in
            guard let parameters = opened.pointee.streams?[index]?.pointee.codecpar else { return (0, 0) }
            return (Int(parameters.pointee.width), Int(parameters.pointee.height))
        }
        // From here on `deinit` closes, also when the rest throws: all stored properties are set.
        let found = Self.findStreams(opened, limits)
        if found < 0 { throw .opening(path, found) }
        if opened.pointee.nb_streams == 0 {
            throw MediaError(.containerBroken, "\(path): the container holds no stream; the file is cut short or damaged, fetch it again",
                             cause: LibAVLog.last)
        }
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&context)
    }

    /// The container's short name, such as `mov,mp4,m4a,3gp,3g2,mj2`.
    package var formatName: String {
        guard let name = context.pointee.iformat?.pointee.name else { return "" }
        return String(cString: name)
    }

    /// The container's own statement of its length in seconds, if it makes one. Not to be trusted.
    package var declaredDuration: Double? {
        let duration = context.pointee.duration
        return duration > 0 ? Double(duration) / 1_000_000 : nil
    }

    package var streamCount: Int { Int(context.pointee.nb_streams) }

    /// A stream by its index; nil outside `0..<streamCount`.
    package func stream(_ index: Int) -> UnsafeMutablePointer<AVStream>? {
        guard index >= 0, index < streamCount, let streams = context.pointee.streams else { return nil }
        return streams[index] // index is below nb_streams, which bounds this array
    }

    /// What the container stated as a stream's picture size; zeros for a stream that showed itself only later.
    package func declaredSize(_ index: Int) -> (width: Int, height: Int) {
        declaredPictureSizes.indices.contains(index) ? declaredPictureSizes[index] : (0, 0)
    }

    /// The stream FFmpeg thinks best of its kind, attached pictures left out; nil when there is none.
    package func bestStream(_ type: AVMediaType) -> Int? {
        let best = Int(av_find_best_stream(context, type, -1, -1, nil, 0))
        if let stream = stream(best), !stream.isAttachedPicture { return best }
        return (0..<streamCount).first { index in
            guard let stream = self.stream(index), let parameters = stream.pointee.codecpar else { return false }
            return parameters.pointee.codec_type == type && !stream.isAttachedPicture
        }
    }

    /// From now on only this stream's packets are read; the demuxer skips the others where it can.
    package func select(_ index: Int) {
        for other in 0..<streamCount {
            stream(other)?.pointee.discard = other == index ? AVDISCARD_DEFAULT : AVDISCARD_ALL
        }
    }

    /// What reading one packet came to.
    package enum Reading: Hashable, Sendable {
        case packet
        case end
        /// The bytes after this point cannot be read; what came before is good.
        case broken(String)
    }

    /// Reads the next packet of any selected stream into `packet`, which the caller owns and must unreference.
    ///
    /// - Throws: `media.deadline`, `media.limit_exceeded`.
    package func read(into packet: UnsafeMutablePointer<AVPacket>) throws(MediaError) -> Reading {
        try deadline.check(path)
        packetsRead += 1
        guard packetsRead <= limits.maximumPacketsOfAllStreams else {
            throw MediaError(.limitExceeded, "\(path): more than \(limits.maximumPacketsOfAllStreams) packets; cut the file into shorter clips")
        }
        let status = av_read_frame(context, packet)
        if status >= 0 {
            guard packet.pointee.size <= limits.maximumPacketBytes else {
                let size = packet.pointee.size
                av_packet_unref(packet)
                throw MediaError(.limitExceeded, "\(path): a packet of \(size) bytes, over the limit of \(limits.maximumPacketBytes); encode the file again")
            }
            return .packet
        }
        if status == mv_error_end_of_file() { return .end }
        try deadline.check(path)
        return .broken(LibAVLog.cause(status))
    }
}

extension UnsafeMutablePointer<AVStream> {
    /// True for cover art and thumbnails, which containers carry as video streams of one picture.
    package var isAttachedPicture: Bool {
        pointee.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS) != 0
    }
}
