/// What the audio tower sees of some clips: each `bins × frames` normalised log mel powers, row-major, clip after clip.
public struct ClipSpectra: Sendable {
    public let plan: ClipPlan
    public let bins: Int
    public let frames: Int
    public private(set) var values: [Float] = []

    public var clipCount: Int { values.count / (bins * frames) }

    init(plan: ClipPlan, bins: Int, frames: Int) {
        self.plan = plan
        self.bins = bins
        self.frames = frames
    }

    /// Spectra that another process worked out.
    ///
    /// - values: row-major, finite, those of all the plan's clips.
    /// - Throws: `ModelError.audio` where they are not that.
    public init(plan: ClipPlan, configuration: AudioTowerConfiguration, values: [Float]) throws(ModelError) {
        self.init(plan: plan, bins: configuration.melBins, frames: configuration.frames)
        guard values.count == plan.sampleRanges.count * bins * frames, values.allSatisfy(\.isFinite) else {
            throw ModelError(code: .audio, message: "\(values.count) numbers are no spectra of \(plan.sampleRanges.count) clips of \(bins) × \(frames) finite numbers")
        }
        self.values = values
    }

    /// Of spectra made elsewhere, whole clips of `bins × frames` numbers.
    package init(plan: ClipPlan, bins: Int, frames: Int, values: [Float]) {
        precondition(bins > 0 && frames > 0 && values.count % (bins * frames) == 0, "clips have \(bins) × \(frames) numbers")
        self.init(plan: plan, bins: bins, frames: frames)
        self.values = values
    }

    mutating func append(_ clip: [Float]) {
        precondition(clip.count == bins * frames, "a clip has \(bins) × \(frames) numbers")
        values += clip
    }
}
