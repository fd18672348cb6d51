import Foundation

/// Whether the part of a picture that changes is a disc that turns in its place, as a record does.
///
/// Rings around the middle of the part are read along their angle; where the part turns, every ring shifts along the angle by one amount, and shows the same again.
package struct TurningDisc: Hashable, Sendable {
    /// Share of the steps, about a fifth of a second each, that a turn explains; 0…1.
    package var share = 0.0
    /// Mean absolute turn of those steps, in radians a second.
    package var radiansPerSecond = 0.0

    private static let angles = 72
    /// Radii of the rings over half the part's side: within the circle that a turning square leaves covered.
    private static let rings: [Float] = [0.25, 0.35, 0.45, 0.55, 0.65]
    private static let smallestDiameter = 8
    /// The part's width over its height.
    private static let squareness = 0.75...1.34
    private static let smallestFill = 0.5
    /// What a turn leaves of a step's change, at most.
    private static let largestRest = 0.4
    /// Mean absolute luma difference below which a step shows no turn and no other change.
    private static let smallestChange: Float = 1.5

    package init() {}

    /// - Parameters:
    ///   - touched: the part that changes.
    ///   - pictures: by time, about a fifth of a second apart, with their times.
    init(touched: [Bool], pictures: [(picture: SmoothPicture, seconds: Double)]) {
        guard let first = pictures.first?.picture, pictures.count >= 5, let (centreX, centreY, radius) = Self.disc(touched, width: first.width) else { return }
        let read = pictures.map { Self.rings($0.picture, centreX: centreX, centreY: centreY, radius: radius) }
        var steps = 0, clockwise = 0, anticlockwise = 0, speed = 0.0
        for index in read.indices.dropFirst() {
            guard let (shift, rest) = Self.turn(read[index - 1], read[index]) else { continue }
            steps += 1
            guard rest <= Self.largestRest, shift != 0 else { continue }
            if shift > 0 { clockwise += 1 } else { anticlockwise += 1 }
            speed += Double(abs(shift)) * 2 * .pi / Double(Self.angles) / max(pictures[index].seconds - pictures[index - 1].seconds, 0.01)
        }
        let turns = max(clockwise, anticlockwise)
        // Less than a few steps may look like a turn by chance.
        guard turns >= 4, steps > 0 else { return }
        share = Double(turns) / Double(steps)
        radiansPerSecond = speed / Double(clockwise + anticlockwise)
    }

    /// The middle and the radius of a part that is about as wide as high and well filled.
    private static func disc(_ touched: [Bool], width: Int) -> (x: Float, y: Float, radius: Float)? {
        let height = touched.count / max(width, 1)
        // A stray sample must not widen the part: a line counts from a few samples on.
        let rows = (0..<height).filter { y in (0..<width).count { touched[y * width + $0] } >= 3 }
        let columns = (0..<width).filter { x in (0..<height).count { touched[$0 * width + x] } >= 3 }
        guard let top = rows.first, let bottom = rows.last, let left = columns.first, let right = columns.last else { return nil }
        let wide = right - left + 1, high = bottom - top + 1
        guard min(wide, high) >= smallestDiameter, squareness.contains(Double(wide) / Double(high)) else { return nil }
        let filled = rows.reduce(0) { sum, y in sum + columns.count { touched[y * width + $0] } }
        guard Double(filled) >= smallestFill * Double(wide * high) else { return nil }
        return (Float(left + right) / 2, Float(top + bottom) / 2, Float(min(wide, high)) / 2)
    }

    /// `rings × angles` samples of luma, row-major.
    private static func rings(_ picture: SmoothPicture, centreX: Float, centreY: Float, radius: Float) -> [Float] {
        rings.flatMap { ring in
            (0..<angles).map { step in
                let angle = Float(step) * 2 * .pi / Float(angles)
                return picture.sample(x: centreX + ring * radius * cos(angle), y: centreY + ring * radius * sin(angle))
            }
        }
    }

    /// The shift along the angle that explains a step best, and the share of the squared change that it leaves; nil where nothing changes.
    private static func turn(_ earlier: [Float], _ later: [Float]) -> (shift: Int, rest: Double)? {
        func difference(_ shift: Int) -> Float {
            var sum: Float = 0
            for ring in rings.indices {
                for step in 0..<angles {
                    let d = later[ring * angles + (step + shift + angles) % angles] - earlier[ring * angles + step]
                    sum += d * d
                }
            }
            return sum
        }
        let still = difference(0)
        guard still > smallestChange * smallestChange * Float(earlier.count) else { return nil }
        var best = (shift: 0, difference: still)
        for shift in -angles / 2..<angles / 2 {
            let found = difference(shift)
            if found < best.difference { best = (shift, found) }
        }
        return (best.shift, Double(best.difference / still))
    }
}
