import CLibAV

/// What FFmpeg says goes to nobody's standard error: its last error on this thread is kept as the cause of ours.
///
/// Nothing here may be inlined into another file: the buffer is a C inline function's, of which each file's code has its own.
enum LibAVLog {
    /// Largest single allocation that FFmpeg may make, in bytes: no header can ask for more than this at once.
    /// A picture at the pixel limit, 16 bits and three full planes, needs 216 MB.
    private static let maximumAllocation = 256 << 20

    /// Run once for the process; FFmpeg's settings for both are global.
    private static let installed: Void = {
        mv_log_install()
        av_max_alloc(maximumAllocation)
    }()

    @inline(never) static func install() { _ = installed }

    /// Forgets what was said before, so that a cause never speaks of another file.
    @inline(never) static func clear() {
        mv_log_buffer()?.pointee = 0
    }

    /// The last error FFmpeg reported on this thread since `clear()`.
    @inline(never) static var last: String? {
        // The buffer is this thread's own, of fixed size, and always ends in a zero byte.
        guard let buffer = mv_log_buffer(), buffer.pointee != 0 else { return nil }
        return String(cString: buffer)
    }

    /// FFmpeg's words for an error number, with what it logged beside it.
    @inline(never) static func cause(_ status: Int32) -> String {
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer -> String in
            guard let base = buffer.baseAddress else { return "error \(status)" }
            buffer.initialize(repeating: 0)
            av_strerror(status, base, buffer.count)
            return String(cString: base)
        }
        guard let last, last != text else { return text }
        return "\(text): \(last)"
    }
}
