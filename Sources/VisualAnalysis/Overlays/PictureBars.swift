/// Black bars along a picture's borders that stay for the whole video, as shares of its height and width; 0 where there is none.
public struct PictureBars: Hashable, Sendable, Codable {
    public var top = 0.0
    public var bottom = 0.0
    public var left = 0.0
    public var right = 0.0

    public init() {}

    /// A bar at top and bottom.
    public var isLetterboxed: Bool { top > 0 && bottom > 0 }
    /// A bar at either side.
    public var isPillarboxed: Bool { left > 0 && right > 0 }

    /// Luma of a bar at most, which video levels and compression lift a little, 0…255.
    private static let darkest = 30
    /// Share of a line that must be dark, so that a logo or a subtitle in the bar does not hide it.
    private static let darkShare = 0.9
    private static let pictureShare = 0.95
    /// Beside a bar at least this share of the line shows something at some time: what begins there is a picture's straight edge and not the dark of a scene.
    private static let edgeShare = 0.6
    private static let edgeStep = 14
    /// A smaller part of a line is the compression's.
    private static let smallestPart = 0.2
    /// A bar that covers more than this is no bar.
    private static let largest = 0.45

    /// - Parameter pictures: of one size, spread over the video; black ones say nothing and are left out.
    package init(_ pictures: [Thumbnail]) {
        guard let first = pictures.first else { return }
        let pictures = pictures.filter { $0.hasSize(of: first) && !PictureStatistics($0).isBlack }
        guard pictures.count >= 2 else { return }
        let width = first.width, height = first.height
        // Luma of a line's sample: lines are rows from the top, rows from the bottom, columns from the left, columns from the right.
        func side(_ lines: Int, _ length: Int, _ index: @escaping (_ line: Int, _ position: Int) -> Int) -> Double {
            Self.bar(pictures, lines: lines, length: length, index: index)
        }
        top = side(height, width) { $0 * width + $1 }
        bottom = side(height, width) { (height - 1 - $0) * width + $1 }
        left = side(width, height) { $1 * width + $0 }
        right = side(width, height) { $1 * width + width - 1 - $0 }
    }

    private static func bar(_ pictures: [Thumbnail], lines: Int, length: Int, index: (Int, Int) -> Int) -> Double {
        func isDark(_ line: Int, _ picture: Thumbnail) -> Bool {
            Double((0..<length).count { Int(picture.luma[index(line, $0)]) <= darkest }) >= darkShare * Double(length)
        }
        var count = 0
        while count < Int(largest * Double(lines)), Double(pictures.count { isDark(count, $0) }) >= pictureShare * Double(pictures.count) { count += 1 }
        guard count > 0, count < Int(largest * Double(lines)) else { return 0 }
        // The line at the edge is part bar, part picture: how much of each says its brightness against the next.
        let inner = count + 1
        let shows = (0..<length).count { position in pictures.contains { Int($0.luma[index(inner, position)]) > darkest + edgeStep } }
        guard Double(shows) >= edgeShare * Double(length) else { return 0 }
        let level = meanLuma(pictures, line: 0, length: length, index: index)
        let edge = meanLuma(pictures, line: count, length: length, index: index), next = meanLuma(pictures, line: inner, length: length, index: index)
        let part = next - level > Double(edgeStep) ? min(max(1 - (edge - level) / (next - level), 0), 1) : 0
        return Rounding.round((Double(count) + (part > smallestPart ? part : 0)) / Double(lines), decimals: 3)
    }

    private static func meanLuma(_ pictures: [Thumbnail], line: Int, length: Int, index: (Int, Int) -> Int) -> Double {
        var sum = 0
        for picture in pictures { for position in 0..<length { sum += Int(picture.luma[index(line, position)]) } }
        return Double(sum) / Double(pictures.count * length)
    }
}
