import CLibAV

/// What a decoder's `get_format` callback decides by, and what it decided. Not for several threads at once.
final class HardwareFormatChoice {
    /// The hardware's.
    private let format: AVPixelFormat
    private let limits: MediaLimits
    /// The format that the same pictures have when software decodes them; nil before the first choice.
    private(set) var softwareFormat: AVPixelFormat?
    /// Whether the hardware decodes from here on.
    private(set) var isHardware = false
    /// The stream turned into one that the hardware must not go on with: pictures of two formats are under way.
    private(set) var hasChanged = false

    init(format: AVPixelFormat, limits: MediaLimits) {
        self.format = format
        self.limits = limits
    }

    /// For a context before it is opened, which must end before this object.
    func install(in context: UnsafeMutablePointer<AVCodecContext>) {
        context.pointee.opaque = Unmanaged.passUnretained(self).toOpaque()
        context.pointee.get_format = { context, offered in
            guard let context, let offered, let opaque = context.pointee.opaque else { return AV_PIX_FMT_NONE }
            return Unmanaged<HardwareFormatChoice>.fromOpaque(opaque).takeUnretainedValue().choose(context, offered)
        }
    }

    /// FFmpeg asks when it knows a stream's profile, size and depth; and again, without the hardware's format, when the device does not take them.
    /// Only now is memory of the device taken, for a dozen pictures and more: their size is checked before.
    private func choose(_ context: UnsafeMutablePointer<AVCodecContext>, _ offered: UnsafePointer<AVPixelFormat>) -> AVPixelFormat {
        var software: AVPixelFormat?, offersHardware = false
        var next = offered // ends in AV_PIX_FMT_NONE
        while next.pointee != AV_PIX_FMT_NONE {
            if next.pointee == format { offersHardware = true }
            if software == nil, let flags = av_pix_fmt_desc_get(next.pointee)?.pointee.flags, flags & UInt64(AV_PIX_FMT_FLAG_HWACCEL) == 0 { software = next.pointee }
            next += 1
        }
        if let softwareFormat, softwareFormat != software { hasChanged = true }
        softwareFormat = software
        let width = max(Int(context.pointee.coded_width), Int(context.pointee.width)), height = max(Int(context.pointee.coded_height), Int(context.pointee.height))
        isHardware = offersHardware && !hasChanged && limits.allow(width: width, height: height) && software.map(PlaneSeparation.gives) == true
        return isHardware ? format : software ?? AV_PIX_FMT_NONE
    }
}
