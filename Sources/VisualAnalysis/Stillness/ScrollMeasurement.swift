/// Whether what lies over a still picture runs along a straight line with one speed, as credits and news lines do.
package struct ScrollMeasurement: Hashable, Sendable {
    /// Share of the steps, about a second each, in which the overlay is the last one's, shifted by the usual way; 0…1.
    package var share = 0.0
    /// The usual way in a step, in thumbnail pixels to the right and downward.
    package var shiftX = 0
    package var shiftY = 0

    /// Correlation from which on two overlays are one.
    private static let sameOverlay = 0.5
    /// The furthest way that is looked for, as a share of the picture's side.
    private static let reach = 0.45

    package init() {}

    /// - Parameter departures: of pictures about a second apart, by time, from what they show most of the time: luma, 0 where there is none.
    init(_ departures: [[Float]], width: Int, height: Int) {
        let steps = zip(departures, departures.dropFirst()).compactMap { Self.step($0, $1, width: width, height: height) }
        guard steps.count >= 3 else { return }
        // The way that most steps agree on, to a pixel.
        var best = 0
        for candidate in steps where candidate.x != 0 || candidate.y != 0 {
            let agreeing = steps.count { abs($0.x - candidate.x) <= 1 && abs($0.y - candidate.y) <= 1 && $0.correlation >= Self.sameOverlay }
            if agreeing > best { (best, shiftX, shiftY) = (agreeing, candidate.x, candidate.y) }
        }
        share = Double(best) / Double(steps.count)
    }

    /// The axis-parallel shift that lays one overlay onto the next best; nil where there is no overlay.
    private static func step(_ earlier: [Float], _ later: [Float], width: Int, height: Int) -> (x: Int, y: Int, correlation: Double)? {
        func energy(_ values: [Float]) -> Double { values.reduce(0) { $0 + Double($1 * $1) } }
        let scale = (energy(earlier) * energy(later)).squareRoot()
        guard scale > 0 else { return nil }
        var best = (x: 0, y: 0, correlation: -1.0)
        func look(_ x: Int, _ y: Int) {
            var sum: Float = 0
            let left = max(0, -x), right = min(width, width - x)
            for row in max(0, -y)..<min(height, height - y) {
                let from = row * width, to = (row + y) * width + x
                for column in left..<right { sum += earlier[from + column] * later[to + column] }
            }
            let correlation = Double(sum) / scale
            if correlation > best.correlation { best = (x, y, correlation) }
        }
        let farX = Int(reach * Double(width)), farY = Int(reach * Double(height))
        for y in -farY...farY { look(0, y) }
        for x in -farX...farX where x != 0 { look(x, 0) }
        return best
    }
}
