import CLibAV

/// The moment, on the monotonic clock, at which work on a file must end. FFmpeg asks while it waits for bytes;
/// loops over packets and pictures ask between them.
package final class MediaDeadline: Sendable {
    private let endMicroseconds: Int64

    package init(after limit: Duration) {
        let (seconds, attoseconds) = limit.components
        let microseconds = min(max(seconds, 0), 1 << 40) * 1_000_000 + attoseconds / 1_000_000_000_000
        endMicroseconds = av_gettime_relative() + microseconds
    }

    package var hasPassed: Bool { av_gettime_relative() >= endMicroseconds }

    package func check(_ path: String) throws(MediaError) {
        if hasPassed { throw .deadlinePassed(path) }
    }

    /// For `AVFormatContext.interrupt_callback`. The context borrows this object: it must be closed before the object ends,
    /// which holds where one owner keeps both (`MediaInput`).
    var interruptCallback: AVIOInterruptCB {
        AVIOInterruptCB(callback: { opaque in
            guard let opaque else { return 0 }
            return Unmanaged<MediaDeadline>.fromOpaque(opaque).takeUnretainedValue().hasPassed ? 1 : 0
        }, opaque: Unmanaged.passUnretained(self).toOpaque())
    }
}

extension MediaError {
    static func deadlinePassed(_ path: String) -> MediaError {
        MediaError(.deadline, "\(path): reading it took longer than its deadline; try again on a quieter machine, or cut the file shorter",
                   isRetriable: true)
    }
}
