import CPictures

/// How a whole picture moved and changed its light from one time to another: the similarity and the gain that explain most of it.
///
/// Found by iteratively reweighted Gauss–Newton steps on luma (Lucas & Kanade 1981, with the robust weights of Odobez & Bouthemy 1995), so that what moves by itself
/// within the picture does not pull the camera along.
package struct GlobalMotion: Hashable, Sendable {
    /// Relative growth of the content: 0.01 is 1 % larger.
    package var zoom = 0.0
    /// Clockwise turn of the content, in radians.
    package var turn = 0.0
    /// Shift of the content to the right and downward, in thumbnail pixels.
    package var shiftX = 0.0
    package var shiftY = 0.0
    /// The later picture's luma is `gain × earlier + offset`.
    package var gain = 1.0
    package var offset = 0.0

    package init() {}

    /// This motion, and then another. Light is left out: it follows from any fit.
    package func followed(by next: GlobalMotion) -> GlobalMotion {
        var result = GlobalMotion()
        result.zoom = (1 + zoom) * (1 + next.zoom) - 1
        result.turn = turn + next.turn
        result.shiftX = (1 + next.zoom) * shiftX - next.turn * shiftY + next.shiftX
        result.shiftY = (1 + next.zoom) * shiftY + next.turn * shiftX + next.shiftY
        return result
    }

    /// The motion back.
    package var inverse: GlobalMotion {
        var result = GlobalMotion()
        result.zoom = 1 / (1 + zoom) - 1
        result.turn = -turn
        result.shiftX = -(shiftX + turn * shiftY) / (1 + zoom)
        result.shiftY = -(shiftY - turn * shiftX) / (1 + zoom)
        return result
    }

    /// The fit, and what it leaves unexplained.
    package struct Fit: Sendable {
        package var motion: GlobalMotion
        /// Absolute difference that remains at each sample of the earlier picture; 0 where the later does not show it.
        package var residual: [Float]
        /// The later picture as it lies over the earlier one, in the later one's light.
        package var aligned: [Float]
        /// Which samples the later picture still shows.
        package var isShown: [Bool]
        package var shownShare: Double
        /// Mean absolute luma difference before and after the fit, over the shown samples.
        package var before: Double
        package var after: Double
    }

    private static let iterations = 8
    /// Luma so near to black or white may be clipped.
    private static let clipped: Float = 5
    /// A fit that leaves more than this of a difference, and that much luma, may have started too far away.
    private static let unexplainedShare = 0.3
    private static let unexplainedLuma = 1.5
    /// Whole shifts that are tried then, in thumbnail pixels; one of them must leave less than this share of what no shift leaves.
    private static let furthestStart = 6
    private static let betterStart = 0.8
    /// Weights of what is assumed before looking: the motion is small, the gain is near 1. In units of the normal equations.
    private static let priors: [Double] = [10, 10, 0.1, 0.1, 1000, 0.1]

    /// - Parameters:
    ///   - earlier, later: pictures of one size.
    ///   - start: where to begin, such as the motion over a part of the time.
    package static func fit(from earlier: SmoothPicture, to later: SmoothPicture, start: GlobalMotion = GlobalMotion()) -> Fit {
        let near = descend(from: earlier, to: later, start: start)
        guard near.after > unexplainedLuma, near.after > unexplainedShare * near.before, let start = farStart(earlier, later) else { return near }
        let far = descend(from: earlier, to: later, start: start)
        return far.after < near.after && far.shownShare > 0.5 ? far : near
    }

    /// The whole shift that lays the later picture over the earlier one best, each against its mean; nil when that is not clearly better than none.
    private static func farStart(_ earlier: SmoothPicture, _ later: SmoothPicture) -> GlobalMotion? {
        let width = earlier.width, height = earlier.height
        let light = later.samples.reduce(0, +) / Float(later.samples.count) - earlier.samples.reduce(0, +) / Float(earlier.samples.count)
        // What moves by itself must not outweigh the rest.
        let ceiling: Float = 30
        func cost(_ shiftX: Int, _ shiftY: Int, below bound: Float = .infinity) -> Float {
            pictures_shifted_distance(earlier.samples, later.samples, Int32(width), Int32(height), Int32(shiftX), Int32(shiftY), light, ceiling, bound)
        }
        let none = cost(0, 0)
        var best = (x: 0, y: 0, cost: none)
        for y in -furthestStart...furthestStart {
            for x in -furthestStart...furthestStart {
                let found = cost(x, y, below: best.cost)
                if found < best.cost { best = (x, y, found) }
            }
        }
        guard Double(best.cost) < betterStart * Double(none) else { return nil }
        var start = GlobalMotion()
        (start.shiftX, start.shiftY) = (Double(best.x), Double(best.y))
        return start
    }

    private static func descend(from earlier: SmoothPicture, to later: SmoothPicture, start: GlobalMotion) -> Fit {
        var motion = start
        var warp = Warp(later)
        let before = meanDifference(earlier.samples, later.samples)
        if before > 0.25 {
            for iteration in 0..<iterations {
                warp.apply(motion)
                let scale = iteration == 0 ? 20 : max(1.5, 2.2 * medianDeviation(warp.samples, earlier.samples))
                guard let step = step(earlier, warp, scale: Float(scale)) else { break }
                motion.zoom = min(max(motion.zoom - step[0], -0.6), 0.6)
                motion.turn = min(max(motion.turn - step[1], -0.6), 0.6)
                motion.shiftX = min(max(motion.shiftX - step[2], -Double(earlier.width)), Double(earlier.width))
                motion.shiftY = min(max(motion.shiftY - step[3], -Double(earlier.height)), Double(earlier.height))
                if abs(step[2]) + abs(step[3]) + 20 * (abs(step[0]) + abs(step[1])) < 0.01 { break }
            }
        }
        warp.apply(motion)
        (motion.gain, motion.offset) = light(earlier, warp)
        return finish(motion, earlier, warp, before: before)
    }

    /// One Gauss–Newton step for zoom, turn, shifts, gain and offset; nil when the pictures say nothing.
    private static func step(_ earlier: SmoothPicture, _ warp: Warp, scale: Float) -> [Double]? {
        let width = earlier.width, height = earlier.height
        let centreX = Float(width - 1) / 2, centreY = Float(height - 1) / 2
        var normal = [Double](repeating: 0, count: 36), right = [Double](repeating: 0, count: 6)
        for y in 1..<height - 1 {
            var sums = SixSums()
            let rowY = Float(y) - centreY
            for x in 1..<width - 1 {
                let index = y * width + x
                guard warp.isShown[index] else { continue }
                let slopeX = (warp.samples[index + 1] - warp.samples[index - 1]) / 2
                let slopeY = (warp.samples[index + width] - warp.samples[index - width]) / 2
                let difference = warp.samples[index] - earlier.samples[index]
                let ratio = difference / scale
                let columnX = Float(x) - centreX
                sums.add(SIMD8(slopeX * columnX + slopeY * rowY, slopeY * columnX - slopeX * rowY, slopeX, slopeY, -earlier.samples[index], -1, difference, 0),
                         weight: 1 / (1 + ratio * ratio))
            }
            sums.add(to: &normal, &right)
        }
        for index in 0..<6 { normal[index * 7] += priors[index] }
        return LinearSystem.solve(normal, right, size: 6)
    }

    /// Gain and offset of the warped picture against the earlier one, robustly.
    private static func light(_ earlier: SmoothPicture, _ warp: Warp) -> (gain: Double, offset: Double) {
        var gain = 1.0, offset = 0.0
        for _ in 0..<3 {
            var count = 0.0, sumA = 0.0, sumB = 0.0, squares = 0.0, products = 0.0
            for index in earlier.samples.indices where warp.isShown[index] {
                let a = Double(earlier.samples[index]), b = Double(warp.samples[index])
                let ratio = (b - gain * a - offset) / 3
                let weight = 1 / (1 + ratio * ratio)
                count += weight; sumA += weight * a; sumB += weight * b
                squares += weight * a * a; products += weight * a * b
            }
            guard count > 1 else { return (1, 0) }
            let meanA = sumA / count, meanB = sumB / count
            // 1: pulls the gain to 1 where the picture is flat and says nothing of it.
            gain = (products / count - meanA * meanB + 1) / (squares / count - meanA * meanA + 1)
            offset = meanB - gain * meanA
        }
        return (gain, offset)
    }

    private static func finish(_ motion: GlobalMotion, _ earlier: SmoothPicture, _ warp: Warp, before: Double) -> Fit {
        var residual = [Float](repeating: 0, count: earlier.samples.count)
        var shown = 0, total = 0.0
        let gain = Float(motion.gain), offset = Float(motion.offset)
        for index in residual.indices where warp.isShown[index] {
            residual[index] = abs(unexplained(warp.samples[index], from: earlier.samples[index], gain: gain, offset: offset))
            total += Double(residual[index])
            shown += 1
        }
        return Fit(motion: motion, residual: residual, aligned: warp.samples, isShown: warp.isShown, shownShare: Double(shown) / Double(max(residual.count, 1)),
                   before: before, after: shown > 0 ? total / Double(shown) : 255)
    }

    /// What gain and offset leave of a sample. White that would be brighter still, and black that would be darker, are clipped: that is no change.
    private static func unexplained(_ later: Float, from earlier: Float, gain: Float, offset: Float) -> Float {
        let rest = later - min(max(gain * earlier + offset, 0), 255)
        if earlier >= 255 - clipped, rest > 0 { return 0 }
        if earlier <= clipped, rest < 0 { return 0 }
        return rest
    }

    private static func meanDifference(_ a: [Float], _ b: [Float]) -> Double {
        var total = 0.0
        for index in a.indices { total += Double(abs(a[index] - b[index])) }
        return total / Double(max(a.count, 1))
    }

    /// Median distance of the differences from their median, to a quarter of a level.
    private static func medianDeviation(_ a: [Float], _ b: [Float]) -> Double {
        var counts = [Int](repeating: 0, count: 2049)
        for index in a.indices { counts[min(max(Int((a[index] - b[index]) * 4) + 1024, 0), 2048)] += 1 }
        func median(_ counts: [Int]) -> Int {
            var left = a.count / 2
            for (bin, count) in counts.enumerated() {
                left -= count
                if left < 0 { return bin }
            }
            return 0
        }
        let centre = median(counts)
        var deviations = [Int](repeating: 0, count: 2049)
        for (bin, count) in counts.enumerated() where count > 0 { deviations[abs(bin - centre)] += count }
        return Double(median(deviations)) / 4
    }
}
