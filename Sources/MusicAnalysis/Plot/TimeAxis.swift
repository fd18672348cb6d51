import Glibc

/// Seconds as horizontal pixels, and where the axis has its marks.
struct TimeAxis {
    /// Pixels of the first moment and of the last.
    let left: Double
    let right: Double
    /// Seconds.
    let duration: Double
    /// Seconds that the first moment has in the file, for the labels.
    let offset: Double

    private static let steps: [Double] = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600]
    private static let leastPixels = 55.0

    var pixelsPerSecond: Double { duration > 0 ? (right - left) / duration : 0 }

    /// Kept within the picture, whatever the time.
    func x(_ seconds: Double) -> Double { min(max(left + seconds * pixelsPerSecond, left), right) }

    /// Round times, at least `leastPixels` apart, as seconds from the first moment, with their labels.
    var marks: [(seconds: Double, label: String)] {
        guard duration > 0 else { return [] }
        let step = Self.steps.first { $0 * pixelsPerSecond >= Self.leastPixels } ?? Self.steps[Self.steps.count - 1]
        let first = (offset / step).rounded(.up)
        return (0 ..< 2_000).map { (first + Double($0)) * step }.prefix { $0 - offset <= duration + 1e-9 }.map { ($0 - offset, Self.label($0, step: step)) }
    }

    /// `1:05`, `1:02:05`, or with decimals where the marks are closer than a second.
    static func label(_ seconds: Double, step: Double = 1) -> String {
        let places = step >= 1 ? 0 : step >= 0.1 ? 1 : 2
        let scale = places == 0 ? 1 : places == 1 ? 10 : 100
        let units = Int((seconds * Double(scale)).rounded())
        let (whole, part) = (units / scale, units % scale)
        let (hours, minutes, rest) = (whole / 3_600, whole / 60 % 60, whole % 60)
        func two(_ value: Int) -> String { (value < 10 ? "0" : "") + "\(value)" }
        let clock = hours > 0 ? "\(hours):\(two(minutes)):\(two(rest))" : "\(minutes):\(two(rest))"
        return places == 0 ? clock : clock + "." + (places == 2 ? two(part) : "\(part)")
    }
}
