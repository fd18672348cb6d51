import FleetModel

/// The stages that a worker has made, one per recipe, and the way to run a batch on them.
actor StageRunners {
    /// Recipes are few; should a worker meet many, the oldest is made again when it is next needed.
    private static let capacity = 32

    private let catalogue: StageCatalogue
    private let environment: StageEnvironment
    private var made: [String: any RunnableStage] = [:]
    private var order: [String] = []

    init(catalogue: StageCatalogue, environment: StageEnvironment) {
        self.catalogue = catalogue
        self.environment = environment
    }

    func runner(stage: StageName, settings: String) async throws -> any RunnableStage {
        let key = "\(stage)\n\(settings)"
        if let runner = made[key] { return runner }
        let runner: any RunnableStage
        if let workload = NoOpSettings(settings: settings) {
            runner = NoOpStage(work: workload.work)
        } else {
            runner = try await catalogue.entry(stage).make(settings, environment)
        }
        if made.updateValue(runner, forKey: key) == nil { order.append(key) }
        if order.count > StageRunners.capacity { made[order.removeFirst()] = nil }
        return runner
    }
}
