/// A small upright picture of one frame: full-range BT.601 (as in JFIF), luma 0…255, chroma 0…255 with 128 for grey.
public struct Thumbnail: Hashable, Sendable {
    public let width: Int
    public let height: Int
    /// `height × width` samples each, row-major.
    public let luma: [UInt8]
    public let blueDifference: [UInt8]
    public let redDifference: [UInt8]

    /// All planes must have `width × height` samples, and at least 4 × 4.
    public init(width: Int, height: Int, luma: [UInt8], blueDifference: [UInt8], redDifference: [UInt8]) {
        precondition(width >= 4 && height >= 4 && luma.count == width * height && blueDifference.count == luma.count && redDifference.count == luma.count,
                     "a thumbnail has three planes of width × height samples, at least 4 × 4")
        self.width = width
        self.height = height
        self.luma = luma
        self.blueDifference = blueDifference
        self.redDifference = redDifference
    }

    func hasSize(of other: Thumbnail) -> Bool { width == other.width && height == other.height }
}
