/// A small upright picture for analysis: block means of a decoded frame.
///
/// Samples are full-range BT.601 (as in JFIF): luma 0…255, chroma 0…255 with 128 for grey, whatever the video's own range and matrix.
public struct PictureThumbnail: Hashable, Sendable {
    public let width: Int
    public let height: Int
    /// `height × width` samples each, row-major.
    public let luma: [UInt8]
    public let blueDifference: [UInt8]
    public let redDifference: [UInt8]

    public init(width: Int, height: Int, luma: [UInt8], blueDifference: [UInt8], redDifference: [UInt8]) {
        precondition(width > 0 && height > 0 && luma.count == width * height && blueDifference.count == luma.count && redDifference.count == luma.count,
                     "a thumbnail's planes must have width × height samples each")
        self.width = width
        self.height = height
        self.luma = luma
        self.blueDifference = blueDifference
        self.redDifference = redDifference
    }

    func turned(_ orientation: PictureOrientation) -> PictureThumbnail {
        guard orientation != .upright else { return self }
        return PictureThumbnail(width: orientation.transposes ? height : width, height: orientation.transposes ? width : height,
                                luma: orientation.apply(to: luma, width: width, height: height),
                                blueDifference: orientation.apply(to: blueDifference, width: width, height: height),
                                redDifference: orientation.apply(to: redDifference, width: width, height: height))
    }
}
