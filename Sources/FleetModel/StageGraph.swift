/// What planning needs to know of a stage.
public struct StagePlan: Hashable, Sendable {
    public var recipe: Recipe
    /// Upstream stages, each of which must be in the same graph.
    public var requires: [StageName]
    public var reads: [SourceField]

    public init(recipe: Recipe, requires: [StageName], reads: [SourceField]) {
        self.recipe = recipe
        self.requires = requires
        self.reads = reads
    }

    public var name: StageName { recipe.stage }
}

/// The stages of a job in topological order, checked: names are unique, all that is required is there, no circles.
public struct StageGraph: Hashable, Sendable {
    public let stages: [StagePlan]

    public init(_ plans: [StagePlan]) throws(FleetError) {
        var remaining = plans.sorted { $0.name < $1.name }
        for (left, right) in zip(remaining, remaining.dropFirst()) where left.name == right.name {
            throw FleetError("stage.duplicate", "stage '\(left.name)' is named twice: keep one of them")
        }
        let names = Set(plans.map(\.name))
        for plan in plans {
            for required in plan.requires where !names.contains(required) {
                throw FleetError("stage.missing", "stage '\(plan.name)' needs '\(required)', which is not among the stages: add it")
            }
        }
        var ordered: [StagePlan] = []
        var placed: Set<StageName> = []
        while !remaining.isEmpty {
            let next = remaining.filter { placed.isSuperset(of: $0.requires) }
            guard !next.isEmpty else {
                throw FleetError("stage.cycle", "stages \(remaining.map(\.name.rawValue).joined(separator: ", ")) need one another in a circle")
            }
            ordered += next
            placed.formUnion(next.map(\.name))
            remaining.removeAll { placed.contains($0.name) }
        }
        stages = ordered
    }

    /// One fingerprint per stage, in the order of `stages`.
    public func fingerprints(of clip: Clip) -> [(stage: StagePlan, fingerprint: Fingerprint)] {
        var digests: [SourceField: Digest] = [:]
        var known: [StageName: Fingerprint] = [:]
        return stages.map { plan in
            var sources: [SourceField: Digest] = [:]
            for field in plan.reads {
                let digest = digests[field] ?? field.digest(of: clip)
                digests[field] = digest
                sources[field] = digest
            }
            let upstream = Dictionary(uniqueKeysWithValues: plan.requires.map { ($0, known[$0]!) })
            let fingerprint = Fingerprint(recipe: plan.recipe, sources: sources, upstream: upstream)
            known[plan.name] = fingerprint
            return (plan, fingerprint)
        }
    }
}
