/// Where a sample's texts and figures are from. No times, hosts or workers: the same results give the same bytes.
public struct RecordProvenance: Hashable, Sendable {
    /// One stage whose result went into the sample.
    public struct StageResult: Hashable, Sendable {
        public var stage: String
        /// Digest of the stage's settings, as in the manifest's `recipes`.
        public var recipe: String
        /// Digest of stage, recipe, sources and upstream: the name of the result.
        public var fingerprint: String

        public init(stage: String, recipe: String, fingerprint: String) {
            self.stage = stage
            self.recipe = recipe
            self.fingerprint = fingerprint
        }
    }

    /// Who wrote the description: `rules`, or a dated model id.
    public var source: String
    /// Whether a declared fallback wrote any part of it.
    public var degraded: Bool
    /// Written sorted by stage.
    public var results: [StageResult]

    public init(source: String, degraded: Bool = false, results: [StageResult]) {
        self.source = source
        self.degraded = degraded
        self.results = results
    }
}
