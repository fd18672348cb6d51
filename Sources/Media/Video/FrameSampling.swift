/// Which frames of a video are taken, and how they are written. Part of the recipe: the same values give the same bytes.
public struct FrameSampling: Hashable, Sendable, Codable {
    /// Seconds between two targets. 2 in the paper.
    public var intervalSeconds = 2.0
    /// Number of targets.
    public var count = 15
    /// Seconds of the first target after the first displayed frame; not negative.
    public var offsetSeconds = 0.0
    /// Seconds of the targets, ascending, in place of those that interval, count and offset give.
    public var explicitTargets: [Double]?
    /// Width of the JPEG in pixels, upright; the height follows from the display aspect ratio, rounded to even.
    public var jpegWidth = 512
    /// FFmpeg's quantiser scale: 2 (best) … 31 (smallest).
    public var jpegQuantiser = 3
    /// Longer side of the analysis thumbnails, in pixels.
    public var thumbnailSide = 64
    /// Whether the MD5 of each taken frame's raw planes is computed (`ffmpeg -f framemd5`); for tests against a reference.
    public var includesFrameMD5 = false
    /// Whether all taken frames are put into one more picture, five a row.
    public var includesContactSheet = false

    public init() {}

    /// Seconds of all targets, ascending.
    public var targets: [Double] {
        explicitTargets ?? (0..<max(count, 0)).map { offsetSeconds + Double($0) * intervalSeconds }
    }

    /// Throws `sampling.invalid` when a value is out of range.
    func check() throws(MediaError) {
        func require(_ isGood: Bool, _ what: String) throws(MediaError) {
            if !isGood { throw MediaError(.samplingInvalid, "frame sampling: \(what); correct the recipe") }
        }
        try require(intervalSeconds >= 0.01 && intervalSeconds <= 3600, "the interval must be 0.01 to 3600 s, not \(intervalSeconds)")
        try require(count >= 1 && count <= 1000, "the count must be 1 to 1000, not \(count)")
        try require(offsetSeconds >= 0 && offsetSeconds <= 3600, "the offset must be 0 to 3600 s, not \(offsetSeconds)")
        if let explicitTargets {
            try require((1...1000).contains(explicitTargets.count), "the targets must be 1 to 1000, not \(explicitTargets.count)")
            try require(explicitTargets.allSatisfy { $0 >= 0 && $0 <= 36_000 }, "each target must be 0 to 36,000 s")
            try require(zip(explicitTargets, explicitTargets.dropFirst()).allSatisfy { $0 < $1 }, "the targets must ascend")
        }
        try require(jpegWidth >= 16 && jpegWidth <= 4096, "the JPEG width must be 16 to 4096 pixels, not \(jpegWidth)")
        try require(jpegQuantiser >= 2 && jpegQuantiser <= 31, "the JPEG quantiser must be 2 to 31, not \(jpegQuantiser)")
        try require(thumbnailSide >= 16 && thumbnailSide <= 256, "the thumbnail side must be 16 to 256 pixels, not \(thumbnailSide)")
    }
}

extension MediaError.Code {
    /// The recipe's sampling values are out of range.
    public static let samplingInvalid: Self = "sampling.invalid"
}
