import CLibAV

/// Writes decoded frames as upright JPEGs with square pixels.
final class UprightPictures {
    private let width: Int
    private let scaler = PictureScaler(format: AV_PIX_FMT_YUVJ420P, filter: SWS_BICUBIC)
    private let encoder: JPEGEncoder

    init(width: Int, quantiser: Int) {
        self.width = width
        encoder = JPEGEncoder(quantiser: quantiser)
    }

    struct Picture {
        var jpeg: [UInt8]
        var width: Int
        var height: Int
    }

    /// - Returns: nil when the frame cannot be scaled or encoded.
    func jpeg(of frame: UnsafeMutablePointer<AVFrame>, orientation: PictureOrientation) -> Picture? {
        let shown = DisplaySize(frame, orientation: orientation)
        let (width, height) = shown.fitted(width: width)
        guard let upright = upright(frame, orientation: orientation, width: width, height: height), let jpeg = encoder.encode(upright) else { return nil }
        return Picture(jpeg: jpeg, width: width, height: height)
    }

    /// The frame upright, in a size of even sides; nil when it cannot be scaled.
    func upright(_ frame: UnsafeMutablePointer<AVFrame>, orientation: PictureOrientation, width: Int, height: Int) -> PictureBuffer? {
        let scaledWidth = orientation.transposes ? height : width, scaledHeight = orientation.transposes ? width : height
        guard let scaled = PictureBuffer(width: scaledWidth, height: scaledHeight, format: AV_PIX_FMT_YUVJ420P),
              scaler.scale(frame, into: scaled.frame) else { return nil }
        return turn(scaled, orientation, width: scaledWidth, height: scaledHeight)
    }

    private func turn(_ picture: PictureBuffer, _ orientation: PictureOrientation, width: Int, height: Int) -> PictureBuffer? {
        guard orientation != .upright else { return picture }
        let outWidth = orientation.transposes ? height : width, outHeight = orientation.transposes ? width : height
        guard let turned = PictureBuffer(width: outWidth, height: outHeight, format: AV_PIX_FMT_YUVJ420P) else { return nil }
        for plane in 0..<3 {
            let shift = plane == 0 ? 0 : 1 // both sizes are even: chroma planes have exactly half
            let samples = orientation.apply(to: picture.plane(plane, width: width >> shift, height: height >> shift), width: width >> shift, height: height >> shift)
            turned.setPlane(plane, samples, width: outWidth >> shift, height: outHeight >> shift)
        }
        return turned
    }
}

/// The size at which a frame is shown: upright and with square pixels.
struct DisplaySize: Hashable {
    var width: Int
    var height: Int

    init(_ frame: UnsafeMutablePointer<AVFrame>, orientation: PictureOrientation) {
        self.init(codedWidth: Int(frame.pointee.width), codedHeight: Int(frame.pointee.height),
                  aspectNumerator: Int(frame.pointee.sample_aspect_ratio.num), aspectDenominator: Int(frame.pointee.sample_aspect_ratio.den),
                  orientation: orientation)
    }

    /// A pixel more than eight times as wide as high, or as high as wide, is damage: its aspect is taken as 1.
    init(codedWidth: Int, codedHeight: Int, aspectNumerator: Int, aspectDenominator: Int, orientation: PictureOrientation) {
        var shownWidth = codedWidth
        if aspectNumerator > 0, aspectDenominator > 0 {
            let ratio = Double(aspectNumerator) / Double(aspectDenominator)
            if ratio >= 0.125, ratio <= 8 { shownWidth = max(1, Int((Double(codedWidth) * ratio).rounded())) }
        }
        width = orientation.transposes ? codedHeight : shownWidth
        height = orientation.transposes ? shownWidth : codedHeight
    }

    /// `width` rounded up to even, and the even height that keeps the aspect, within 2…16 × width.
    func fitted(width wanted: Int) -> (width: Int, height: Int) {
        let even = max(2, (wanted + 1) & ~1)
        let height = (Double(even) * Double(self.height) / Double(max(self.width, 1)) / 2).rounded() * 2
        return (even, Int(min(max(height, 2), Double(even) * 16)))
    }
}
