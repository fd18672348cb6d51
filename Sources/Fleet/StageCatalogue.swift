import FleetModel
import Foundation

/// One stage with its types erased, as the worker runs it.
public struct StageEntry: Sendable {
    public let descriptor: StageDescriptor
    /// The recipe of the stage's default settings, or of these settings (JSON, checked and made canonical).
    public let recipe: @Sendable (_ settings: String?) throws -> Recipe
    /// What this recipe requires and reads.
    let needs: @Sendable (_ recipe: Recipe) throws -> (requires: [StageName], reads: [SourceField])
    let make: @Sendable (_ settings: String, _ environment: StageEnvironment) async throws -> any RunnableStage

    public init<S: Stage>(_ type: S.Type) {
        let descriptor = S.descriptor
        self.descriptor = descriptor
        recipe = { settings in
            let value: S.Settings
            if let settings {
                do {
                    value = try CanonicalJSON.decode(S.Settings.self, from: settings)
                } catch {
                    throw FleetError("recipe.invalid", "the settings of stage '\(descriptor.name)' do not read: \(settings.prefix(200)). See 'mvfleet stages' for its fields", cause: error)
                }
            } else {
                value = S.defaultSettings
            }
            return Recipe(stage: descriptor.name, version: descriptor.version, settings: try CanonicalJSON.encode(value))
        }
        needs = { recipe in
            // A recipe of no work does none of what would need more.
            if NoOpSettings(settings: recipe.settings) != nil { return (descriptor.requires, descriptor.reads) }
            let settings = try CanonicalJSON.decode(S.Settings.self, from: recipe.settings)
            return (descriptor.requires + S.requires(with: settings).filter { !descriptor.requires.contains($0) },
                    descriptor.reads + S.reads(with: settings).filter { !descriptor.reads.contains($0) })
        }
        make = { settings, environment in
            let value = try CanonicalJSON.decode(S.Settings.self, from: settings)
            return TypedRunner(stage: try await S(settings: value, environment: environment))
        }
    }

    /// What planning needs to know.
    public func plan(settings: String? = nil) throws -> StagePlan {
        let recipe = if let workload = settings.flatMap(NoOpSettings.init(settings:)) {
            Recipe(stage: descriptor.name, version: descriptor.version, settings: workload.canonical)
        } else {
            try recipe(settings)
        }
        let needs = try needs(recipe)
        return StagePlan(recipe: recipe, requires: needs.requires, reads: needs.reads)
    }
}

/// A stage behind its batch of claims.
protocol RunnableStage: Sendable {
    func run(_ claims: [Claim], context: StageContext) async -> [Outcome<String>]
}

private struct TypedRunner<S: Stage>: RunnableStage {
    let stage: S

    func run(_ claims: [Claim], context: StageContext) async -> [Outcome<String>] {
        var outcomes = [Outcome<String>?](repeating: nil, count: claims.count)
        var inputs: [S.Input] = []
        var positions: [Int] = []
        for (position, claim) in claims.enumerated() {
            do {
                inputs.append(try stage.input(of: StageTask(try claim.reading())))
                positions.append(position)
            } catch {
                outcomes[position] = .failed(error as? FleetError ?? FleetError("stage.input", "the input of '\(claim.stage)' for clip '\(claim.clip.id)' does not read", cause: error))
            }
        }
        if !inputs.isEmpty {
            let results = await stage.run(inputs, context: context)
            for (index, position) in positions.enumerated() {
                guard index < results.count else {
                    outcomes[position] = .failed(FleetError(.internal, "stage '\(claims[position].stage)' gave \(results.count) outcomes for \(inputs.count) tasks"))
                    continue
                }
                do {
                    outcomes[position] = try results[index].map { try CanonicalJSON.encode($0) }
                } catch {
                    outcomes[position] = .failed(FleetError("stage.output", "the output of '\(claims[position].stage)' for clip '\(claims[position].clip.id)' cannot be written as JSON", cause: error))
                }
            }
        }
        return outcomes.map { $0 ?? .failed(FleetError(.internal, "a task of the batch got no outcome")) }
    }
}

/// The stages that a fleet knows. Checked at start: names are unique, and everything required is produced.
public struct StageCatalogue: Sendable {
    public let entries: [StageEntry]
    private let byName: [StageName: StageEntry]

    public init(_ entries: [StageEntry]) throws {
        self.entries = entries
        // The graph of default recipes makes every check there is to make.
        let graph = try StageGraph(entries.map { try $0.plan() })
        byName = Dictionary(uniqueKeysWithValues: zip(graph.stages.map(\.name), graph.stages.compactMap { plan in entries.first { $0.descriptor.name == plan.name } }))
    }

    public subscript(name: StageName) -> StageEntry? { byName[name] }

    /// The entry, or an error that lists what there is.
    public func entry(_ name: StageName) throws(FleetError) -> StageEntry {
        guard let entry = byName[name] else {
            throw FleetError("stage.unknown", "there is no stage '\(name)': choose from \(entries.map(\.descriptor.name.rawValue).joined(separator: ", "))")
        }
        return entry
    }

    /// The named stages and all that they require, with these settings in place of the defaults.
    public func graph(of names: [StageName], settings: [StageName: String] = [:]) throws -> StageGraph {
        var wanted: Set<StageName> = []
        var plans: [StagePlan] = []
        var open = names
        while let name = open.popLast() {
            guard wanted.insert(name).inserted else { continue }
            let plan = try entry(name).plan(settings: settings[name])
            plans.append(plan)
            open += plan.requires
        }
        for name in settings.keys where !wanted.contains(name) {
            throw FleetError("recipe.unused", "settings are given for stage '\(name)', which this job does not run: name it among the stages, or drop them")
        }
        return try StageGraph(plans.sorted { $0.name < $1.name })
    }
}
