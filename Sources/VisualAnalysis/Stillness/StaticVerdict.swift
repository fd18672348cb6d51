/// Whether a video is only a still picture, or a few of them, instead of moving images.
public struct StaticVerdict: Hashable, Sendable, Codable {
    /// What is shown instead of moving images; `moving` when there are such.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case moving
        /// One picture.
        case singleImage = "single_image"
        /// Nothing: one colour.
        case blank
        /// Several pictures, one after the other.
        case slideshow
        /// One picture, zoomed or panned over (Ken Burns).
        case zoomOrPan = "zoom_or_pan"
        /// One picture with words that come and go.
        case textOverStill = "text_over_still"
        /// One picture with bars or waves that follow the sound.
        case visualiserOverStill = "visualiser_over_still"
        /// One picture under grain or flicker.
        case grainOrFlicker = "grain_or_flicker"
    }

    public var isStatic: Bool
    public var kind: Kind
    /// 0.5 (undecided) … 1 (certain).
    public var confidence: Double
    /// Why, in words, with the figures that decided.
    public var reasons: [String]

    public init(isStatic: Bool, kind: Kind, confidence: Double, reasons: [String]) {
        self.isStatic = isStatic
        self.kind = kind
        self.confidence = confidence
        self.reasons = reasons
    }
}

/// Judges stretches, and from them the video.
///
/// A stretch is a still when nothing in it moves by itself once the camera's movement and the light are taken out; or when what moves is drawn over it: fine
/// strokes in lines (words, bars, waves), specks, or a disc that turns in its place. Bodies are neither: they are compact, soft within, and touch ever new places.
package enum StaticJudge {
    /// What one stretch is.
    package enum Stretch: Hashable, Sendable {
        case still
        case text
        case visualiser
        case moving
    }

    /// Share of the judged time that must be still.
    private static let staticShare = 0.9
    /// Share of pairs that must show one picture, change allowed over four seconds, and the largest patch that may ever change before a camera at rest.
    private static let stillPairs = 0.9
    private static let longestDrift = 0.05
    private static let largestPatch = 0.025
    private static let restingZoom = 0.002
    private static let restingShift = 0.002
    /// Changed area within a second from which on movement is beyond doubt.
    private static let clearChange = 0.06
    /// An overlay shows itself in at least so many pairs, and leaves the picture elsewhere as it is.
    private static let overlayPairs = 4
    private static let largestChangeElsewhere = 0.02
    /// Slope over size of what is drawn in strokes, and of specks; what moves before a camera stays below the first unless it is small.
    private static let strokes = 0.5
    private static let steepStrokes = 0.58
    /// One ink only brightens, or only darkens; its strokes and specks may then be softer.
    private static let oneInk = 0.93
    private static let inkStrokes = 0.45
    private static let fewestSpecks = 5.0
    /// Share of the changes that run in lines.
    private static let lines = 0.75
    /// Share of the steps that a turn explains.
    private static let turning = 0.7
    /// A compact overlay covers at most this share of the area.
    private static let largestOverlay = 0.45
    /// Share of the steps that a scroll explains, and how far it goes in a step at least, in thumbnail pixels.
    private static let scrolling = 0.6
    private static let smallestScroll = 2
    /// Pictures laid over each other that are one: departing and ever departing area at most.
    private static let leastLayers = 5
    private static let onePicture = 0.004
    private static let onePictureEver = 0.02

    package static func stretch(_ segment: SegmentMotion) -> Stretch {
        let isResting = segment.zoomPerSecond < restingZoom && segment.shiftPerSecond < restingShift
        let overlay = segment.overlay
        if segment.stillShare >= stillPairs, segment.changedAreaFourSeconds <= longestDrift, !isResting || segment.touchedPatch <= largestPatch { return .still }
        guard segment.pairs >= overlayPairs, segment.changeElsewhere <= largestChangeElsewhere else { return .moving }
        if overlay.pictures >= leastLayers, overlay.area <= onePicture, overlay.touchedArea <= onePictureEver { return .still }
        if segment.disc.share >= turning { return .visualiser }
        if overlay.signAgreement >= oneInk, overlay.fineness >= inkStrokes {
            if segment.lineShare >= lines { return .text }
            if overlay.patches >= fewestSpecks { return .visualiser }
        }
        // Words in a box, or so many that their strokes run together, still come and go in steps.
        let isCompact = segment.touchedArea <= largestOverlay && segment.changeElsewhere <= largestChangeElsewhere / 2
        let comesInSteps = isCompact && segment.concentration >= 0.5 && segment.restShare >= 0.6 && segment.rectangularity >= 0.35
        if comesInSteps, segment.lineShare >= lines || overlay.fineness >= steepStrokes { return .text }
        guard overlay.fineness >= strokes else { return .moving }
        if overlay.scroll.share >= scrolling, overlay.scroll.shiftX == 0, abs(overlay.scroll.shiftY) >= smallestScroll { return .text }
        if segment.lineShare >= lines { return segment.restlessness >= 0.5 && overlay.scroll.share < 0.5 ? .visualiser : .text }
        // Without lines: what dances in place from frame to frame.
        if isCompact, segment.concentration >= 0.3, segment.restlessness >= 0.75, segment.rectangularity >= 0.3 { return .visualiser }
        return .moving
    }

    /// - Parameters:
    ///   - segments: the stretches between cuts and transitions that are long enough to judge.
    ///   - pictures: number of pictures decoded.
    ///   - isBlank: every key picture is of one colour.
    package static func verdict(segments: [SegmentMotion], pictures: Int, isBlank: Bool) -> StaticVerdict {
        if pictures <= 1 {
            return StaticVerdict(isStatic: true, kind: .singleImage, confidence: 1, reasons: ["the video has a single frame"])
        }
        if isBlank {
            return StaticVerdict(isStatic: true, kind: .blank, confidence: 1, reasons: ["every picture is of one colour"])
        }
        let judged = segments.reduce(0) { $0 + $1.seconds }
        guard judged > 0 else {
            return StaticVerdict(isStatic: false, kind: .moving, confidence: 0.5, reasons: ["no stretch between cuts is long enough to judge"])
        }
        let stretches = segments.map { (segment: $0, kind: stretch($0)) }
        let still = stretches.filter { $0.kind != .moving }
        let share = still.reduce(0) { $0 + $1.segment.seconds } / judged
        let isStatic = share >= staticShare
        guard isStatic else {
            // The share's distance from its limit, and how clearly things move where they do.
            let changed = stretches.filter { $0.kind == .moving }.reduce(0) { $0 + $1.segment.changedArea * $1.segment.seconds } / max(judged * (1 - share), 1e-6)
            return StaticVerdict(isStatic: false, kind: .moving, confidence: 0.5 + 0.5 * (staticShare - share) / staticShare * min(1, changed / clearChange),
                                 reasons: movingReasons(stretches, share: share))
        }
        let confidence = 0.75 + 0.25 * (share - staticShare) / (1 - staticShare)
        let (kind, reason) = kind(still)
        var reasons = ["\(percent(share)) of the judged \(oneDecimal(judged)) s shows still pictures"]
        if segments.count > 1 { reasons.append("\(segments.count) stretches between cuts or transitions") }
        reasons.append(reason)
        return StaticVerdict(isStatic: true, kind: kind, confidence: kind == .textOverStill || kind == .visualiserOverStill ? min(confidence, 0.9) : confidence,
                             reasons: reasons)
    }

    private static func kind(_ stretches: [(segment: SegmentMotion, kind: Stretch)]) -> (StaticVerdict.Kind, String) {
        let total = stretches.reduce(0) { $0 + $1.segment.seconds }
        func mean(_ value: (SegmentMotion) -> Double) -> Double {
            stretches.reduce(0) { $0 + value($1.segment) * $1.segment.seconds } / max(total, 1e-6)
        }
        func share(_ kind: Stretch) -> Double {
            stretches.reduce(0) { $0 + ($1.kind == kind ? $1.segment.seconds : 0) } / max(total, 1e-6)
        }
        if stretches.count > 1 { return (.slideshow, "several still pictures follow each other") }
        if share(.visualiser) > 0.5 {
            if mean(\.disc.share) >= turning {
                return (.visualiserOverStill, "a disc of \(percent(mean(\.touchedArea))) of the area turns in its place, \(oneDecimal(mean(\.disc.radiansPerSecond))) rad/s, and nothing else changes")
            }
            return (.visualiserOverStill, "fine strokes or specks on \(percent(mean(\.touchedArea))) of the area change without rest, the rest not at all")
        }
        if share(.text) > 0.5 {
            let way = mean(\.overlay.scroll.share) >= 0.5 ? "scroll over" : "come and go on"
            return (.textOverStill, "fine strokes in lines \(way) \(percent(mean(\.touchedArea))) of the area, the rest does not change")
        }
        let zoom = mean(\.zoomPerSecond), shift = mean(\.shiftPerSecond)
        if zoom > 0.002 || shift > 0.001 {
            return (.zoomOrPan, "the picture as a whole is zoomed \(percent(zoom)) and shifted \(percent(shift)) of its width a second, and nothing moves in it")
        }
        if mean(\.frameNoise) > 0.4 || mean(\.lightChange) > 0.02 { return (.grainOrFlicker, "one picture under grain or changing light, and nothing moves in it") }
        return (.singleImage, "one picture, and nothing moves in it")
    }

    private static func movingReasons(_ stretches: [(segment: SegmentMotion, kind: Stretch)], share: Double) -> [String] {
        let moving = stretches.filter { $0.kind == .moving }.map(\.segment)
        let total = max(moving.reduce(0) { $0 + $1.seconds }, 1e-6)
        func mean(_ value: (SegmentMotion) -> Double) -> Double { moving.reduce(0) { $0 + value($1) * $1.seconds } / total }
        var reasons = ["\(percent(mean(\.changedArea))) of the picture changes within a second beyond what camera and light explain, \(percent(mean(\.touchedArea))) at some time"]
        if share > 0 { reasons.append("\(percent(share)) of the time shows still pictures, below the \(percent(staticShare)) of a static video") }
        return reasons
    }

    private static func percent(_ share: Double) -> String { oneDecimal(share * 100) + " %" }
    private static func oneDecimal(_ value: Double) -> String { Rounding.text(value, decimals: 1) }
}
