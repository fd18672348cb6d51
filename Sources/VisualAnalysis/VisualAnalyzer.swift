/// Looks at a video picture by picture and says what it is like. Memory grows with the video's time, not with its frame rate: five pictures a second are kept.
///
/// Feed every decoded frame in order, then ask `finish()`.
public struct VisualAnalyzer: Sendable {
    private var cutDetector = CutDetector()
    private var keys = KeyPictures()
    private var seconds: [Double] = []

    public init() {}

    /// - Parameters:
    ///   - picture: the frame's thumbnail; all of one video have one size.
    ///   - seconds: time from the first displayed frame, not before the last picture's.
    public mutating func add(_ picture: Thumbnail, seconds time: Double) {
        let statistics = PictureStatistics(picture)
        // Damaged time stamps go back; the order of output stands.
        let time = max(time, seconds.last ?? 0)
        cutDetector.add(picture, statistics: statistics, seconds: time)
        keys.add(picture, statistics: statistics, seconds: time)
        seconds.append(time)
    }

    /// Everything that can be said once all pictures have been seen.
    public func finish() -> VisualAnalysisResult {
        let cuts = cutDetector.cuts().map { seconds[$0] }
        let transitions = TransitionDetector.transitions(in: keys, cutSeconds: cuts)
        let stretches = Self.stretches(cuts: cuts, transitions: transitions, endSeconds: (seconds.last ?? 0) + 1e-3)
        let measurement = SegmentMeasurement(keys)
        let measured = stretches.compactMap { measurement.measure(start: $0.startSeconds, end: $0.endSeconds) }
        let verdict = StaticJudge.verdict(segments: measured.map(\.segment), pictures: seconds.count,
                                          isBlank: !keys.keys.isEmpty && keys.keys.allSatisfy(\.statistics.isFlat) && cuts.isEmpty)
        return VisualAnalysisResult(keys: keys, cuts: cuts, transitions: transitions, verdict: verdict, steps: measured.flatMap(\.camera))
    }

    /// The time between cuts and transitions.
    static func stretches(cuts: [Double], transitions: [TransitionDetector.Transition], endSeconds: Double) -> [VisualFeatures.Interval] {
        let breaks = (cuts.map { ($0, $0) } + transitions.map { ($0.startSeconds, $0.endSeconds) }).sorted { $0.0 < $1.0 }
        var result: [VisualFeatures.Interval] = []
        var start = 0.0
        for (from, to) in breaks {
            if from > start { result.append(VisualFeatures.Interval(startSeconds: start, endSeconds: from)) }
            start = max(start, to)
        }
        if endSeconds > start { result.append(VisualFeatures.Interval(startSeconds: start, endSeconds: endSeconds)) }
        return result
    }
}
