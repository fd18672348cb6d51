import FleetModel
import Logging

/// One clip through a graph of stages, in this process, without servers: what the fleet does to it, and nothing else.
public struct SingleClip: Sendable {
    private let catalogue: StageCatalogue
    private let environment: StageEnvironment

    public init(catalogue: StageCatalogue, environment: StageEnvironment) {
        self.catalogue = catalogue
        self.environment = environment
    }

    /// The outputs of the graph's stages, canonical JSON by stage. Stages that wait for nothing of each other run at once.
    ///
    /// - Parameters:
    ///   - known: outputs that are there already.
    ///   - willRun: hears of each stage before it begins.
    /// - Throws: the error of the first stage that fails; `clip.filtered` and `stage.deferred` where one ends so.
    public func outputs(of clip: Clip, through graph: StageGraph, known given: [StageName: String] = [:], willRun: @Sendable @escaping (StageName) -> Void = { _ in }) async throws -> [StageName: String] {
        let fingerprints = Dictionary(uniqueKeysWithValues: graph.fingerprints(of: clip).map { ($0.stage.name, $0.fingerprint) })
        var outputs = given
        var open = graph.stages.filter { given[$0.name] == nil }
        while !open.isEmpty {
            let known = outputs
            let able = open.filter { $0.requires.allSatisfy { known[$0] != nil } }
            open.removeAll { stage in able.contains { $0.name == stage.name } }
            try await withThrowingTaskGroup(of: (StageName, String).self) { group in
                for plan in able {
                    guard let fingerprint = fingerprints[plan.name] else { continue }
                    let upstream = known.filter { plan.requires.contains($0.key) }
                    let claim = Claim(task: 0, seq: 0, stage: plan.name, fingerprint: fingerprint, settings: plan.recipe.settings, clip: clip, upstream: upstream, attempt: 0, strikes: 0)
                    group.addTask {
                        willRun(plan.name)
                        return (plan.name, try await output(of: claim))
                    }
                }
                for try await (name, output) in group { outputs[name] = output }
            }
        }
        return outputs
    }

    private func output(of claim: Claim) async throws -> String {
        let entry = try catalogue.entry(claim.stage)
        let runner = try await entry.make(claim.settings, environment)
        let context = StageContext(timeLimit: entry.descriptor.timeLimit, logger: environment.logger)
        switch await runner.run([claim], context: context).first {
        case .completed(let output), .degraded(let output): return output
        case .filtered(let reason): throw FleetError("clip.filtered", "'\(claim.stage)' filtered '\(claim.clip.id)': \(reason)")
        case .deferred(_, let reason): throw FleetError("stage.deferred", "'\(claim.stage)' cannot run now: \(reason)", isRetriable: true)
        case .failed(let error): throw error
        case nil: throw FleetError(.internal, "'\(claim.stage)' gave no outcome")
        }
    }
}
