import FleetModel

/// The recipes of a job, kept with it so that whoever exports it knows what made its results.
public struct JobRecipes: Codable, Sendable, Hashable {
    public struct Entry: Codable, Sendable, Hashable {
        public var version: Int
        /// Canonical JSON.
        public var settings: String
        public var requires: [StageName]
        public var reads: [SourceField]
    }

    /// By stage.
    public var recipes: [String: Entry]

    public init(_ graph: StageGraph) {
        recipes = Dictionary(uniqueKeysWithValues: graph.stages.map { ($0.name.rawValue, Entry(version: $0.recipe.version, settings: $0.recipe.settings, requires: $0.requires, reads: $0.reads)) })
    }

    /// Canonical JSON, as ``JobRequest`` carries it.
    public func options() throws -> String { try CanonicalJSON.encode(self) }

    public static func read(_ options: String) throws -> JobRecipes {
        do {
            return try CanonicalJSON.decode(JobRecipes.self, from: options)
        } catch {
            throw FleetError("job.no_recipes", "the job does not say which recipes it ran: it was not submitted with 'mvfleet submit' or 'mvfleet run'", cause: error)
        }
    }

    /// The job's graph as the job ran it, whatever the stages of this program have become.
    public func graph() throws -> StageGraph {
        try StageGraph(recipes.sorted { $0.key < $1.key }.compactMap { name, entry in
            guard let stage = StageName(rawValue: name) else { return nil }
            return StagePlan(recipe: Recipe(stage: stage, version: entry.version, settings: entry.settings), requires: entry.requires, reads: entry.reads)
        })
    }
}
