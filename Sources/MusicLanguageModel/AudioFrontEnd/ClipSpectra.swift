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
