import CLibAV
import Glibc

extension MediaInput {
    /// The file exists, is a regular file (a pipe could block for ever), and has a size within the limits.
    static func checkFile(_ path: String, _ limits: MediaLimits) throws(MediaError) {
        guard !path.utf8.contains(0) else {
            throw MediaError(.unreadable, "the path has a zero byte inside; correct the catalogue")
        }
        var information = stat()
        guard stat(path, &information) == 0 else {
            let cause = String(cString: strerror(errno))
            if errno == ENOENT || errno == ENOTDIR {
                throw MediaError(.missing, "\(path): no such file; check the catalogue's path", cause: cause)
            }
            throw MediaError(.unreadable, "\(path): cannot be read; check its permissions", cause: cause, isRetriable: errno == EIO)
        }
        guard information.st_mode & S_IFMT == S_IFREG else {
            throw MediaError(.unreadable, "\(path): is no regular file; name a media file")
        }
        guard information.st_size > 0 else {
            throw MediaError(.empty, "\(path): the file is empty; fetch it again")
        }
        guard information.st_size <= limits.maximumFileBytes else {
            throw MediaError(.fileTooLarge, "\(path): \(information.st_size) bytes, over the limit of \(limits.maximumFileBytes); cut it into clips")
        }
    }

    /// Options of the container reader. The caller frees the dictionary.
    static func options(_ limits: MediaLimits) -> OpaquePointer? {
        var options: OpaquePointer?
        let probeMicroseconds = max(limits.probeDuration.components.seconds, 1) * 1_000_000
        for (name, value) in [
            ("protocol_whitelist", MediaFormats.protocols.joined(separator: ",")),
            ("format_whitelist", MediaFormats.demuxers.joined(separator: ",")),
            ("codec_whitelist", MediaFormats.decoders.joined(separator: ",")),
            ("max_streams", String(limits.maximumStreams)),
            ("probesize", String(max(limits.probeBytes, 2048))),
            ("analyzeduration", String(probeMicroseconds)),
            // Recognising the format may read this much; FFmpeg's own value is 1 MiB.
            ("formatprobesize", String(1 << 20)),
        ] {
            av_dict_set(&options, name, value, 0)
        }
        return options
    }

    /// `avformat_find_stream_info`, with the picture size bounded in the decoders that it opens for a look.
    static func findStreams(_ context: UnsafeMutablePointer<AVFormatContext>, _ limits: MediaLimits) -> Int32 {
        let count = Int(context.pointee.nb_streams)
        // FFmpeg reads one dictionary for each stream known before the call, and may use fewer: the array has exactly that many.
        let options = UnsafeMutablePointer<OpaquePointer?>.allocate(capacity: max(count, 1))
        options.initialize(repeating: nil, count: max(count, 1))
        defer {
            for index in 0..<count { av_dict_free(&options[index]) }
            options.deallocate()
        }
        for index in 0..<count {
            av_dict_set(&options[index], "max_pixels", String(limits.maximumPixels), 0)
            av_dict_set(&options[index], "threads", "1", 0)
        }
        return avformat_find_stream_info(context, count > 0 ? options : nil)
    }
}

extension MediaError {
    static func outOfMemory(_ path: String) -> MediaError {
        MediaError(.outOfMemory, "\(path): no memory left to read it; run fewer at once", isRetriable: true)
    }

    /// Why a file could not be opened, from FFmpeg's status.
    static func opening(_ path: String, _ status: Int32) -> MediaError {
        let cause = LibAVLog.cause(status)
        switch status {
        case mv_error_interrupted():
            return .deadlinePassed(path)
        case mv_error_posix(ENOMEM):
            return MediaError(.containerBroken, "\(path): its header asks for more memory than any clip needs; the file is damaged, fetch it again", cause: cause)
        case mv_error_posix(ENOENT):
            return MediaError(.missing, "\(path): no such file; check the catalogue's path", cause: cause)
        case mv_error_posix(EACCES), mv_error_posix(EPERM):
            return MediaError(.unreadable, "\(path): cannot be read; check its permissions", cause: cause)
        case mv_error_posix(EIO):
            return MediaError(.unreadable, "\(path): the disk failed while reading it; try again", cause: cause, isRetriable: true)
        case mv_error_posix(EINVAL) where cause.contains("not on whitelist"):
            return MediaError(.formatUnknown, "\(path): its format is not one of those accepted here; convert it to mp4, webm or mkv", cause: cause)
        case mv_error_invalid_data() where cause.contains("moov"), mv_error_end_of_file():
            return MediaError(.containerBroken, "\(path): the container's index is missing: the file was cut short, or is no media file; fetch it again", cause: cause)
        case mv_error_invalid_data():
            return MediaError(.formatUnknown, "\(path): no audio or video format was recognised in it; check that it is a media file", cause: cause)
        default:
            return MediaError(.containerBroken, "\(path): the container could not be read; fetch or convert the file again", cause: cause)
        }
    }
}
