import FleetModel

/// The clips of one planning transaction and the tasks they need, each fingerprint once. Clips with the same media share tasks.
struct PlanChunk: Sendable {
    struct SourceClip: Sendable {
        var key: String
        var version: Int64
        var sources: [SourceField: Digest]
    }

    struct Need: Sendable {
        /// Index into the graph's stages.
        var stage: Int
        /// Index into `clips`: the first that needs it.
        var clip: Int
        var fingerprint: [UInt8]
        /// Indices into `needs`, all smaller than this one's own, each once.
        var upstreams: [Int]
    }

    /// Everything up to this key was planned before.
    var after: String
    var clips: [(key: String, version: Int64)] = []
    /// Upstreams before what depends on them.
    var needs: [Need] = []
    /// For each clip in turn, one index into `needs` per stage.
    var needsOfClips: [Int] = []

    init(_ source: [SourceClip], after: String, graph: PlannedGraph) {
        self.after = after
        var indices: [Fingerprint: Int] = [:]
        indices.reserveCapacity(source.count * graph.stages.count)
        clips.reserveCapacity(source.count)
        needs.reserveCapacity(source.count * graph.stages.count)
        for (position, clip) in source.enumerated() {
            clips.append((clip.key, clip.version))
            let start = needsOfClips.count
            for (stage, fingerprint) in graph.fingerprints(clip.sources).enumerated() {
                if let index = indices[fingerprint] {
                    needsOfClips.append(index)
                    continue
                }
                var upstreams = graph.stages[stage].requires.map { needsOfClips[start + $0] }
                if upstreams.count > 1 { upstreams = Set(upstreams).sorted() }
                indices[fingerprint] = needs.count
                needsOfClips.append(needs.count)
                needs.append(Need(stage: stage, clip: position, fingerprint: fingerprint.digest.bytes, upstreams: upstreams))
            }
        }
    }
}
