/// Finds hard cuts in a stream of pictures.
///
/// A cut is a step that stands out of the motion around it (adaptive threshold, as in PySceneDetect's `AdaptiveDetector`), to a picture that is no shifted
/// or brighter copy of the one before, and that does not go back within a moment (a flash does).
package struct CutDetector: Sendable {
    /// One picture's relation to those before it.
    private struct Step {
        var seconds: Double
        /// Distance to the picture before.
        var distance = 0.0
        /// Distances to the pictures 2, 3, … before; shorter at the start.
        var lagged: [Float] = []
        /// Correlation with the picture before, best over shifts; only where the distance is worth a look.
        var correlation = -1.0
        /// Share of the area that takes part in the change; only where the distance is worth a look.
        var changedShare = 1.0
        /// Larger luma deviation of this and the picture before.
        var deviation = 0.0
    }

    /// A flash is over after as many pictures, or seconds, whichever is less.
    private static let longestFlashPictures = 5
    private static let longestFlashSeconds = 0.3
    /// The motion around a step is looked at so far to either side.
    private static let windowSeconds = 0.5
    private static let windowPictures = 15
    /// A step must be so many times the motion around it.
    private static let clearRatio = 2.2
    private static let faintRatio = 3.0
    /// A distance that may be a cut in any picture, and one that may be where contrast is low.
    private static let clearDistance = 9.0
    private static let faintDistance = 3.0
    /// Pictures more alike than this show one scene.
    private static let sameScene = 0.93
    private static let sameSceneShifted = 0.9
    /// A change to less of the picture than this is something that appears in the scene.
    private static let smallestChangedShare = 0.35

    private var steps: [Step] = []
    private var recent: [Thumbnail] = []
    private var lastDeviation = 0.0

    package init() {}

    /// - Parameter seconds: not before the last picture's.
    package mutating func add(_ picture: Thumbnail, statistics: PictureStatistics, seconds: Double) {
        var step = Step(seconds: seconds)
        if let previous = recent.last {
            step.distance = PictureDistance.blocks(previous, picture)
            step.deviation = max(lastDeviation, statistics.lumaDeviation)
            let isWorthALook = isWorthALook(step)
            // Distances over several pictures are asked for only around a step that may be a cut.
            if isWorthALook || steps.suffix(Self.longestFlashPictures).contains(where: self.isWorthALook) {
                step.lagged = recent.dropLast().reversed().map { Float(PictureDistance.blocks($0, picture)) }
            }
            if isWorthALook, step.distance > 1.3 * (steps.last?.distance ?? 0) {
                step.changedShare = PictureDistance.changedShare(previous, picture, threshold: max(3, Int(0.25 * step.distance)))
                let unshifted = PictureDistance.correlation(previous, picture)
                let shifted = PictureDistance.shiftedCorrelation(previous, picture)
                step.correlation = unshifted > Self.sameScene || shifted > Self.sameSceneShifted ? 1 : unshifted
            }
        }
        steps.append(step)
        lastDeviation = statistics.lumaDeviation
        recent.append(picture)
        if recent.count > Self.longestFlashPictures + 1 { recent.removeFirst() }
    }

    /// Indices of the first pictures of new shots, ascending.
    package func cuts() -> [Int] {
        var found: [Int] = []
        for index in steps.indices.dropFirst() where isCut(index) {
            // Where two steps side by side both stand out (a blended frame), the larger is the cut.
            if let last = found.last, index - last < 3 {
                if steps[index].distance > steps[last].distance { found[found.count - 1] = index }
            } else {
                found.append(index)
            }
        }
        return found
    }

    private func isWorthALook(_ step: Step) -> Bool {
        step.distance > Self.clearDistance || (step.distance > Self.faintDistance && step.distance > 0.35 * step.deviation)
    }

    private func isCut(_ index: Int) -> Bool {
        let step = steps[index]
        guard isWorthALook(step), step.correlation < 1, step.changedShare >= Self.smallestChangedShare else { return false }
        let ratio = step.distance / (motion(around: index) + 1)
        guard (step.distance > Self.clearDistance && ratio > Self.clearRatio) || ratio > Self.faintRatio else { return false }
        return !isFlash(index)
    }

    /// The largest step near `index`, itself and the largest seventh left out: those may be cuts too.
    ///
    /// Pictures may lie unevenly in time: a step over a longer time than that of `index` counts for its share.
    private func motion(around index: Int) -> Double {
        var near: [Double] = []
        let gap = steps[index].seconds - steps[index - 1].seconds
        for direction in [-1, 1] {
            for offset in 1...Self.windowPictures {
                let other = index + direction * offset
                guard other >= 1, other < steps.count else { break }
                guard offset == 1 || abs(steps[other].seconds - steps[index].seconds) <= Self.windowSeconds else { break }
                let otherGap = steps[other].seconds - steps[other - 1].seconds
                near.append(steps[other].distance * (otherGap > gap ? gap / otherGap : 1))
            }
        }
        near.sort()
        let kept = max(1, (near.count * 6 + 6) / 7)
        return near.isEmpty ? 0 : near[min(kept, near.count) - 1]
    }

    /// True when the picture before comes back at once, or when this picture was there a moment ago.
    private func isFlash(_ index: Int) -> Bool {
        let limit = Float(0.45 * steps[index].distance)
        for count in 1...Self.longestFlashPictures {
            let later = index + count
            if later < steps.count, steps[later].seconds - steps[index].seconds < Self.longestFlashSeconds,
               count - 1 < steps[later].lagged.count, steps[later].lagged[count - 1] < limit { return true }
            let earlier = index - 1 - count
            if earlier >= 0, steps[index].seconds - steps[earlier].seconds < Self.longestFlashSeconds,
               count - 1 < steps[index].lagged.count, steps[index].lagged[count - 1] < limit { return true }
        }
        return false
    }
}
