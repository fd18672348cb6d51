/// A finished analysis: the whole video's features, and those of any of its frames.
public struct VisualAnalysisResult: Sendable {
    private let keys: KeyPictures
    private let transitions: [TransitionDetector.Transition]
    private let steps: [CameraStep]
    private let camera: CameraTrack
    /// For each key picture but the last: change to the next, 0…1; nil across a cut.
    private let changes: [Double?]
    private let cuts: [Double]
    private let verdict: StaticVerdict

    init(keys: KeyPictures, cuts: [Double], transitions: [TransitionDetector.Transition], verdict: StaticVerdict, steps: [CameraStep]) {
        self.keys = keys
        self.cuts = cuts
        self.transitions = transitions
        self.verdict = verdict
        self.steps = steps
        camera = CameraTrack(steps, width: keys.keys.first?.picture.width ?? 1, height: keys.keys.first?.picture.height ?? 1)
        changes = keys.keys.indices.dropLast().map { index in
            let from = keys.keys[index].seconds, to = keys.keys[index + 1].seconds
            return cuts.contains { $0 > from && $0 <= to } ? nil : keys.change(after: index) / 255
        }
    }

    /// Features of the whole video, rounded.
    public var features: VisualFeatures {
        let rates = keys.keys.last.map { camera.perSecond(until: $0.seconds) } ?? []
        return VisualFeatures(
            verdict: StaticVerdict(isStatic: verdict.isStatic, kind: verdict.kind, confidence: Rounding.round(verdict.confidence, decimals: 3), reasons: verdict.reasons),
            cuts: cuts.map { Rounding.round($0, decimals: 6) },
            transitions: transitions.map {
                VisualFeatures.Transition(startSeconds: Rounding.round($0.startSeconds), endSeconds: Rounding.round($0.endSeconds), kind: $0.through == nil ? .dissolve : .fade,
                                          colour: $0.through)
            },
            averageShotSeconds: Rounding.round((keys.keys.last?.seconds ?? 0) / Double(cuts.count + transitions.count + 1)),
            motionPerSecond: perSecond { changes.indices.contains($0) ? changes[$0] : nil },
            movingAreaPerSecond: perSecond(rates.count, \.changedArea),
            zoomPerSecond: rates.map { $0.map { Rounding.round($0.zoom) } }, panPerSecond: rates.map { $0.map { Rounding.round($0.pan) } },
            tiltPerSecond: rates.map { $0.map { Rounding.round($0.tilt) } }, cameraSegments: camera.segments,
            brightnessPerSecond: perSecond { keys.keys[$0].statistics.meanLuma / 255 },
            contrastPerSecond: perSecond { keys.keys[$0].statistics.lumaDeviation / 255 },
            palette: Palette.colours(of: palettePictures, count: 6),
            blackSegments: blackSegments,
            textAreaPerSecond: perSecond(rates.count, \.lineArea),
            bars: PictureBars(palettePictures))
    }

    /// Features of a frame, rounded.
    ///
    /// - Parameters:
    ///   - picture: the frame's thumbnail.
    ///   - seconds: its time.
    public func frame(_ picture: Thumbnail, seconds: Double) -> FrameFeatures {
        let statistics = PictureStatistics(picture)
        let near = changes.indices.filter { abs((keys.keys[$0].seconds + keys.keys[$0 + 1].seconds) / 2 - seconds) <= 0.5 }.compactMap { changes[$0] }
        return FrameFeatures(brightness: Rounding.round(statistics.meanLuma / 255), contrast: Rounding.round(statistics.lumaDeviation / 255),
                             saturation: Rounding.round(min(statistics.meanChroma / 128, 1)),
                             motion: Rounding.round(near.isEmpty ? 0 : near.reduce(0, +) / Double(near.count)),
                             camera: camera.movement(at: seconds), colours: Palette.colours(of: [picture], count: 4),
                             shot: cuts.count { $0 <= seconds + 1e-6 } + transitions.count { ($0.startSeconds + $0.endSeconds) / 2 <= seconds })
    }

    /// One picture every two seconds.
    private var palettePictures: [Thumbnail] {
        let stride = max(1, Int(2 / KeyPictures.intervalSeconds))
        return Swift.stride(from: 0, to: keys.keys.count, by: stride).map { keys.keys[$0].picture }
    }

    /// A step's value for each second: of the step that covers most of it; the last one's where none does.
    private func perSecond(_ count: Int, _ value: (CameraStep) -> Double) -> [Double] {
        var previous = 0.0
        return (0..<count).map { second in
            let from = Double(second), covering = steps.filter { $0.startSeconds < from + 1 && $0.endSeconds > from }
            func overlap(_ step: CameraStep) -> Double { min(step.endSeconds, from + 1) - max(step.startSeconds, from) }
            if let best = covering.max(by: { overlap($0) < overlap($1) }) { previous = Rounding.round(value(best)) }
            return previous
        }
    }

    /// The mean of a key picture's value over each whole second; a second without one repeats the last.
    private func perSecond(_ value: (Int) -> Double?) -> [Double] {
        guard let last = keys.keys.last else { return [] }
        let count = Int(last.seconds) + 1
        var sums = [Double](repeating: 0, count: count), counts = [Double](repeating: 0, count: count)
        for index in keys.keys.indices {
            guard let value = value(index) else { continue }
            let second = min(max(Int(keys.keys[index].seconds + 1e-6), 0), count - 1)
            sums[second] += value
            counts[second] += 1
        }
        var previous = 0.0
        return zip(sums, counts).map { sum, count in
            if count > 0 { previous = Rounding.round(sum / count) }
            return previous
        }
    }

    private var blackSegments: [VisualFeatures.Interval] {
        var result: [VisualFeatures.Interval] = []
        var start: Double?
        var end = 0.0
        for key in keys.keys {
            if key.statistics.isBlack {
                start = start ?? key.seconds
                end = key.seconds + KeyPictures.intervalSeconds
            } else if let from = start {
                result.append(VisualFeatures.Interval(startSeconds: Rounding.round(from), endSeconds: Rounding.round(min(end, key.seconds))))
                start = nil
            }
        }
        if let start { result.append(VisualFeatures.Interval(startSeconds: Rounding.round(start), endSeconds: Rounding.round(end))) }
        return result
    }
}
