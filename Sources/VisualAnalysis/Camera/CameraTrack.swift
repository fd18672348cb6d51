/// The camera's movement over a video: what the global motion of each step says, by the second and in stretches of one movement.
///
/// Rates come from the robust similarity fit of `GlobalMotion`, over pairs of pictures about a second apart. A step speaks where that motion explains at least half
/// of what changed, or where hardly anything changed.
package struct CameraTrack: Sendable {
    /// How fast the camera moves. Seen from the camera: content that goes to the left is a pan to the right.
    package struct Rates: Hashable, Sendable {
        /// Relative growth of the content a second; positive zooms in.
        package var zoom = 0.0
        /// Picture widths a second; positive looks to the right.
        package var pan = 0.0
        /// Picture heights a second; positive looks up.
        package var tilt = 0.0

        package var largest: Double { max(abs(zoom), abs(pan), abs(tilt)) }
    }

    /// Below this a camera rests, and from that on it clearly moves; per second.
    private static let restingRate = 0.003
    private static let movingRate = 0.008
    private static let explainedShare = 0.5
    /// A mean luma difference so small needs no explanation, 0…255.
    private static let noDifference = 6.0
    /// Where so little is explained, what moves is not the camera.
    private static let nothingExplained = 0.3
    private static let shortestSegmentSeconds = 0.9
    private static let moment = 0.5

    private let steps: [(start: Double, end: Double, rates: Rates?)]

    /// - Parameter steps: by time, none across a cut or a transition.
    package init(_ steps: [CameraStep], width: Int, height: Int) {
        self.steps = steps.map { ($0.startSeconds, $0.endSeconds, Self.rates($0, width: width, height: height)) }
    }

    /// nil where the picture's movement does not say what the camera does.
    private static func rates(_ step: CameraStep, width: Int, height: Int) -> Rates? {
        let duration = max(step.endSeconds - step.startSeconds, 0.1)
        let rates = Rates(zoom: step.motion.zoom / duration, pan: -step.motion.shiftX / Double(max(width, 1)) / duration,
                          tilt: step.motion.shiftY / Double(max(height, 1)) / duration)
        if rates.largest < restingRate { return step.difference < noDifference || step.explained < nothingExplained ? Rates() : nil }
        return step.explained >= explainedShare ? rates : nil
    }

    /// What the camera does at a time.
    package func movement(at seconds: Double) -> FrameFeatures.Camera? {
        let step = steps.first { $0.start - 1e-6 <= seconds && seconds < $0.end } ?? steps.last { $0.end <= seconds && seconds - $0.end < 1.5 }
        return step?.rates.flatMap(Self.movement)
    }

    /// For each whole second until `endSeconds`: the mean of the steps that overlap it, weighted by how much; nil where they say nothing.
    package func perSecond(until endSeconds: Double) -> [Rates?] {
        guard endSeconds >= 0 else { return [] }
        return (0...Int(endSeconds)).map { second in
            let from = Double(second), to = from + 1
            let covering = steps.filter { min($0.end, to) - max($0.start, from) > 1e-6 }
            // The last picture that was compared may lie a moment before the end.
            guard !covering.isEmpty else { return steps.last { $0.end <= from + 1e-6 && from - $0.end < Self.moment }.flatMap(\.rates) }
            return Self.mean(covering.compactMap { step in step.rates.map { ($0, min(step.end, to) - max(step.start, from)) } })
        }
    }

    /// Stretches in which the camera makes one movement; where it rests or is not known there are none.
    package var segments: [VisualFeatures.CameraSegment] {
        var result: [VisualFeatures.CameraSegment] = []
        var open: (movement: FrameFeatures.Camera, start: Double, end: Double, rates: [(Rates, Double)])?
        func close() {
            guard let segment = open, segment.end - segment.start >= Self.shortestSegmentSeconds, let mean = Self.mean(segment.rates) else { return }
            result.append(VisualFeatures.CameraSegment(startSeconds: Rounding.round(segment.start), endSeconds: Rounding.round(segment.end),
                                                       movement: segment.movement, zoomPerSecond: Rounding.round(mean.zoom),
                                                       panPerSecond: Rounding.round(mean.pan), tiltPerSecond: Rounding.round(mean.tilt)))
        }
        for step in steps {
            let movement = step.rates.flatMap(Self.movement)
            if let rates = step.rates, let movement, movement != .still {
                if open?.movement == movement, let end = open?.end, abs(step.start - end) < 1e-3 {
                    open?.end = step.end
                    open?.rates.append((rates, step.end - step.start))
                } else {
                    close()
                    open = (movement, step.start, step.end, [(rates, step.end - step.start)])
                }
            } else {
                close()
                open = nil
            }
        }
        close()
        return result
    }

    /// nil between rest and clear movement.
    private static func movement(_ rates: Rates) -> FrameFeatures.Camera? {
        let largest = rates.largest
        if largest < restingRate { return .still }
        guard largest >= movingRate else { return nil }
        if abs(rates.zoom) == largest { return rates.zoom > 0 ? .zoomIn : .zoomOut }
        if abs(rates.pan) == largest { return rates.pan > 0 ? .panRight : .panLeft }
        return rates.tilt > 0 ? .tiltUp : .tiltDown
    }

    private static func mean(_ rates: [(Rates, Double)]) -> Rates? {
        let total = rates.reduce(0) { $0 + $1.1 }
        guard total > 0 else { return nil }
        func mean(_ value: (Rates) -> Double) -> Double { rates.reduce(0) { $0 + value($1.0) * $1.1 } / total }
        return Rates(zoom: mean(\.zoom), pan: mean(\.pan), tilt: mean(\.tilt))
    }
}
