/// Finds gradual transitions: stretches where each picture is a blend of the first and the last.
///
/// For a stretch from picture A to picture B, every picture between must lie near the line A + α(B − A) with α rising steadily. Motion does not: moving edges
/// travel a long way for a small net change. A fade is a blend with a flat picture.
package struct TransitionDetector: Sendable {
    package struct Transition: Hashable, Sendable {
        package var startSeconds: Double
        package var endSeconds: Double
        /// The colour of the flat picture that a fade goes to or comes from, as `#rrggbb`; nil for a dissolve.
        package var through: String?

        package var isFade: Bool { through != nil }
    }

    private struct Candidate {
        var transition: Transition
        var score: Double
    }

    /// Net change that a transition makes, as `PictureDistance.blocks`.
    private static let smallestChange = 6.0
    /// Sum of all steps over the net change: 1 for a perfect blend.
    private static let longestPath = 1.3
    /// Distance from the line, over the net change.
    private static let largestResidual = 0.12
    private static let largestStep = 0.6
    private static let smallestChangedShare = 0.4
    /// Progress below which a transition has not begun, and within which of 1 it is over.
    private static let rest = 0.03
    /// In intervals of the key pictures: 0.6 to 3 s.
    private static let lengths = 3...15
    private static let longestSeconds = 3.5
    /// Mean luma, and luma deviation as a share of the other end's.
    private static let nearlyBlack = 32.0
    private static let nearlyFlat = 0.35

    package static func transitions(in keyPictures: KeyPictures, cutSeconds: [Double]) -> [Transition] {
        let keys = keyPictures.keys
        guard keys.count > lengths.lowerBound else { return [] }
        let steps = (0..<keys.count - 1).map { PictureDistance.blocks(keys[$0].picture, keys[$0 + 1].picture) }
        var path = [0.0]
        for step in steps { path.append((path.last ?? 0) + step) }
        var candidates: [Candidate] = []
        var vectors = BlendVectors(keys)
        for length in lengths where length < keys.count {
            for start in 0..<keys.count - length {
                let end = start + length
                guard path[end] - path[start] >= smallestChange, keys[end].seconds - keys[start].seconds <= longestSeconds,
                      !cutSeconds.contains(where: { $0 > keys[start].seconds && $0 <= keys[end].seconds }),
                      let candidate = candidate(keys[start...end], pathLength: path[end] - path[start], vectors: &vectors) else { continue }
                candidates.append(candidate)
            }
        }
        candidates.sort { ($1.score, $0.transition.startSeconds) < ($0.score, $1.transition.startSeconds) }
        var chosen: [Transition] = []
        for candidate in candidates
        where chosen.allSatisfy({ candidate.transition.endSeconds <= $0.startSeconds || candidate.transition.startSeconds >= $0.endSeconds }) {
            chosen.append(candidate.transition)
        }
        return merged(chosen.sorted { $0.startSeconds < $1.startSeconds })
    }

    private static func candidate(_ stretch: ArraySlice<KeyPictures.Key>, pathLength: Double, vectors: inout BlendVectors) -> Candidate? {
        guard let first = stretch.first, let last = stretch.last else { return nil }
        let change = PictureDistance.blocks(first.picture, last.picture)
        guard change >= smallestChange, pathLength <= longestPath * change else { return nil }
        let flat = isFlat(first, beside: last) ? first.picture : isFlat(last, beside: first) ? last.picture : nil
        // The same scene under another light is no transition.
        if flat == nil, PictureDistance.correlation(first.picture, last.picture) > 0.85 { return nil }
        // What appears in a part of the scene is no transition either.
        if PictureDistance.changedShare(first.picture, last.picture, threshold: max(3, Int(0.25 * change))) < smallestChangedShare { return nil }
        let line = BlendLine(from: vectors[stretch.startIndex], to: vectors[stretch.endIndex - 1], samples: first.picture.luma.count)
        // The middle tells most candidates apart.
        let middle = vectors[(stretch.startIndex + stretch.endIndex) / 2]
        guard line.distance(of: middle, progress: line.progress(of: middle)) <= 3 * largestResidual * change else { return nil }
        var previous = 0.0, residual = 0.0
        // The stretch may begin and end with a rest, which is no part of the transition.
        var start = first.seconds, end = last.seconds
        for index in stretch.indices.dropFirst() {
            let key = stretch[index], vector = vectors[index]
            let progress = line.progress(of: vector)
            guard progress - previous <= largestStep, progress - previous >= -0.05 else { return nil }
            residual += line.distance(of: vector, progress: progress)
            if progress <= rest { start = key.seconds }
            if progress >= 1 - rest, previous < 1 - rest { end = key.seconds }
            previous = progress
        }
        let relative = residual / Double(max(stretch.count - 2, 1)) / change
        guard relative <= largestResidual else { return nil }
        return Candidate(transition: Transition(startSeconds: start, endSeconds: max(start, end), through: flat?.meanHex), score: change * (1 - 2 * relative))
    }

    /// Pictures are looked at too seldom to meet every fade at its end: nearly black beside what it fades from or to is flat, too.
    private static func isFlat(_ key: KeyPictures.Key, beside other: KeyPictures.Key) -> Bool {
        key.statistics.isFlat || (key.statistics.meanLuma < nearlyBlack && key.statistics.lumaDeviation < nearlyFlat * other.statistics.lumaDeviation)
    }

    /// A fade to black and the fade from it that follows are one transition.
    private static func merged(_ transitions: [Transition]) -> [Transition] {
        var result: [Transition] = []
        for transition in transitions {
            if let last = result.last, last.isFade, transition.isFade, transition.startSeconds - last.endSeconds <= 0.5 {
                result[result.count - 1].endSeconds = transition.endSeconds
            } else {
                result.append(transition)
            }
        }
        return result
    }
}

/// All samples of key pictures as one vector each, made when first asked for.
struct BlendVectors {
    private let keys: [KeyPictures.Key]
    private var made: [[Float]?]

    init(_ keys: [KeyPictures.Key]) {
        self.keys = keys
        made = [[Float]?](repeating: nil, count: keys.count)
    }

    subscript(_ index: Int) -> [Float] {
        mutating get {
            if let vector = made[index] { return vector }
            let picture = keys[index].picture
            let vector = picture.luma.map { Float($0) } + picture.blueDifference.map { Float($0) * 0.5 } + picture.redDifference.map { Float($0) * 0.5 }
            made[index] = vector
            return vector
        }
    }
}

/// The straight line from one picture to another, in the space of all samples.
struct BlendLine {
    private let from: [Float]
    private let direction: [Float]
    private let squaredLength: Float
    private let samples: Int

    /// - Parameter samples: of one plane.
    init(from first: [Float], to last: [Float], samples: Int) {
        from = first
        direction = zip(last, first).map { $0 - $1 }
        squaredLength = direction.reduce(0) { $0 + $1 * $1 }
        self.samples = samples
    }

    /// Where the picture's nearest point lies: 0 at the first picture, 1 at the last.
    func progress(of vector: [Float]) -> Double {
        var product: Float = 0
        for index in vector.indices { product += (vector[index] - from[index]) * direction[index] }
        return squaredLength > 0 ? Double(product / squaredLength) : 0
    }

    /// Distance of the picture from the line's point at `progress`, scaled as `PictureDistance.blocks`.
    func distance(of vector: [Float], progress: Double) -> Double {
        let progress = Float(progress)
        var total: Float = 0
        for index in vector.indices { total += abs(vector[index] - from[index] - progress * direction[index]) }
        return Double(total) / Double(samples)
    }
}
