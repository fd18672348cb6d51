import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Stages

struct CoordinatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator", abstract: "Plan, dispatch and sweep. Two may run; one leads.",
        discussion: "Ends on SIGTERM or SIGINT.\n\nExample: mvfleet coordinator")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "coordinator", connections: ConnectionBudget.coordinator.pool, waits: true)
        let coordinator = Coordinator(ledger: setup.ledger, amqp: setup.amqp, database: setup.database, catalogue: try .standard(), logger: setup.logger)
        let work = Task { try await coordinator.run() }
        try await setup.trimmingLogs { try await Signals.withHandler({ _ in work.cancel() }) { try await work.value } }
    }
}

struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker", abstract: "Consume the queues of these stages.",
        discussion: "SIGTERM or SIGINT drains: what runs is ended and settled, nothing new is taken. A second signal gives the tasks back at once.\n\nExample: mvfleet worker frames audio --slots 2")

    @OptionGroup var common: CommonOptions
    @Argument(help: "Stages, or 'all'.") var stages: [String]
    @Option(help: "Batches of each stage that run at once. Default: the stage's own.") var slots: Int?
    @Option(help: ArgumentHelp("How long a drain may take before tasks are given back.", valueName: "s")) var grace = 60
    @OptionGroup var languageModels: LanguageModelOptions
    @OptionGroup var batch: BatchOptions
    @OptionGroup var hardware: HardwareOptions
    @Option(name: [.customLong("model"), .customLong("music-model")], help: ArgumentHelp(
        "A directory with the paper's model, for the stages embedding and prediction. Can be given several times.",
        discussion: "Also MVFLEET_MODEL, or music_model in the configuration file.", valueName: "dir")) var models: [String] = []
    @OptionGroup(title: "The paper's model") var prediction: PredictionOptions
    @OptionGroup(title: "The paper's model") var musicMachine: MusicMachineOptions

    func validate() throws {
        if prediction.inputs != nil { throw ValidationError("--inputs is for jobs: a worker makes predictions from what their recipes say") }
        if let slots, !(1...1000).contains(slots) { throw ValidationError("--slots is \(slots): give 1 to 1000") }
        for text in stages where text != "all" {
            let known = try StageCatalogue.standard().entries.map(\.descriptor.name.rawValue)
            if !known.contains(text) { throw ValidationError("there is no stage '\(text)': choose from \(known.joined(separator: ", ")), or all") }
        }
        if !(0...3600).contains(grace) { throw ValidationError("--grace is \(grace): give 0 to 3600 seconds") }
    }

    func run() async throws {
        let catalogue = try StageCatalogue.standard()
        let configuration = try FleetConfiguration(common)
        let machine = try MusicMachine(musicMachine, configuration.musicModel)
        let checkpoints = try await modelCheckpoints(configuration)
        let wanted = try wantedSlots(catalogue, checkpoints, machine)
        let musicModels = try checkpoints.models(machine)
        if let musicModels {
            try await musicModels.load(wanted.keys.contains("embedding") ? checkpoints.embedding() : nil, wanted.keys.contains("prediction") ? checkpoints.prediction(prediction) : nil)
        }
        let setup = try await FleetSetup.open(common, role: "worker", connections: ConnectionBudget.worker(stages: wanted.count).pool, waits: true)
        let models = try setup.languageModels(languageModels, isBatched: batch.isBatched)
        var environment = try setup.stageEnvironment(slots: wanted, catalogue, hardware: hardware.hardwareDecoding, languageModels: models)
        environment[MusicModels.self] = musicModels
        let worker = try Worker(ledger: setup.ledger, amqp: setup.amqp, catalogue: catalogue, environment: environment,
                                options: .init(slots: wanted, grace: .seconds(grace)), logger: setup.logger)
        let work = Task { try await worker.run() }
        let result: Result<Void, any Error>
        do {
            result = .success(try await setup.trimmingLogs {
                try await Signals.withHandler({ count in if count == 1 { worker.drain() } else { work.cancel() } }) { try await work.value }
            })
        } catch {
            result = .failure(error)
        }
        await models?.shutdown()
        await musicModels?.close()
        await environment.children.endIdleChildren()
        try result.get()
    }

    /// Those that these stages need; none is looked for where they need none.
    private func modelCheckpoints(_ configuration: FleetConfiguration) async throws -> MusicCheckpoints {
        guard stages.contains(where: { ["all", "embedding", "prediction"].contains($0) }) else { return MusicCheckpoints() }
        return try await MusicCheckpoints.find(self.models, configuration)
    }

    /// Batches that run at once, by stage.
    ///
    /// - Throws: where a stage is named whose part of the model is not there; 'all' means those that can run here.
    private func wantedSlots(_ catalogue: StageCatalogue, _ checkpoints: MusicCheckpoints, _ machine: MusicMachine) throws -> [StageName: Int] {
        var wanted: [StageName: Int] = [:]
        for entry in catalogue.entries {
            let name = entry.descriptor.name
            let isNamed = stages.contains(name.rawValue)
            guard isNamed || stages.contains("all") else { continue }
            if ["embedding", "prediction"].contains(name), !checkpoints.canServe(name) {
                guard isNamed else { continue }
                throw checkpoints.missing(name)
            }
            wanted[name] = slots ?? (name == "prediction" ? machine.batch : entry.descriptor.slots)
        }
        return wanted
    }
}

struct StagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "stages", abstract: "List the stages: what they require and read, and their default recipes.",
                                                    discussion: "Example: mvfleet stages --json")

    @Flag(help: "One JSON object a stage.") var json = false

    private struct Row: Encodable {
        var stage: String
        var version: Int
        var requires: [String]
        var reads: [String]
        var slots: Int
        var batch: Int
        var recipe: String
    }

    func run() async throws {
        let catalogue = try StageCatalogue.standard()
        let rows = try catalogue.graph(of: catalogue.entries.map(\.descriptor.name)).stages.map { plan in
            let descriptor = try catalogue.entry(plan.name).descriptor
            return Row(stage: plan.name.rawValue, version: descriptor.version, requires: plan.requires.map(\.rawValue), reads: plan.reads.map(\.rawValue),
                       slots: descriptor.slots, batch: descriptor.batch, recipe: plan.recipe.settings)
        }
        if json { return try rows.forEach(Self.printJSON) }
        var table = TextTable([("STAGE", .left), ("VERSION", .right), ("SLOTS", .right), ("BATCH", .right), ("REQUIRES", .left), ("READS", .left), ("DEFAULT RECIPE", .left)])
        for row in rows {
            table.add([row.stage, "\(row.version)", "\(row.slots)", "\(row.batch)", row.requires.joined(separator: " "), row.reads.joined(separator: " "), row.recipe])
        }
        print(table.rendered())
    }
}
