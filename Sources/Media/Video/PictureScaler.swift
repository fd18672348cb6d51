import CLibAV

/// swscale for pictures whose size, format and colour may change from one to the next; the last set-up is kept. Results are full-range BT.601.
/// Not for several threads at once. Freed in `deinit`.
final class PictureScaler {
    private struct Setup: Hashable {
        var sourceWidth, sourceHeight, sourceFormat: Int32
        var colour: PictureColour
        var width, height: Int32
    }

    private let format: AVPixelFormat
    private let filter: Int32
    private var setup: Setup?
    private var context: OpaquePointer?

    /// - Parameters:
    ///   - format: of the results; a YUVJ format.
    ///   - filter: an `SWS_` filter, such as `SWS_BICUBIC`.
    init(format: AVPixelFormat, filter: Int32) {
        self.format = format
        self.filter = filter
    }

    deinit {
        sws_freeContext(context)
    }

    /// Scales `frame` into `result`, whose planes are allocated, writable, and of its stated size and this scaler's format.
    ///
    /// - Returns: false when swscale does not take the frame.
    func scale(_ frame: UnsafeMutablePointer<AVFrame>, into result: UnsafeMutablePointer<AVFrame>) -> Bool {
        let wanted = Setup(sourceWidth: frame.pointee.width, sourceHeight: frame.pointee.height, sourceFormat: frame.pointee.format,
                           colour: PictureColour(frame), width: result.pointee.width, height: result.pointee.height)
        if setup != wanted || context == nil {
            sws_freeContext(context)
            context = Self.makeContext(wanted, format, filter)
            setup = wanted
        }
        guard let context else { return false }
        return sws_scale_frame(context, result, frame) >= 0
    }

    private static func makeContext(_ setup: Setup, _ format: AVPixelFormat, _ filter: Int32) -> OpaquePointer? {
        let flags = filter | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INT
        guard let context = sws_getContext(setup.sourceWidth, setup.sourceHeight, AVPixelFormat(rawValue: setup.sourceFormat),
                                           setup.width, setup.height, format, flags, nil, nil, nil) else { return nil }
        // The tables are FFmpeg's constants. A format without matrix and range (RGB) answers −1 and needs no setting.
        _ = sws_setColorspaceDetails(context, sws_getCoefficients(setup.colour.scalerSpace), setup.colour.isFullRange ? 1 : 0,
                                     sws_getCoefficients(SWS_CS_ITU601), 1, 0, 1 << 16, 1 << 16)
        return context
    }
}
