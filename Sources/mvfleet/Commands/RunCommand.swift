import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Ledger
import Stages

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "The whole job on one machine: a catalogue in, a dataset out.",
        discussion: """
            Starts private servers unless URLs are given, ingests, runs every worker in this process, writes the dataset and sums up.
            Run again, it resumes what was stopped and reuses what was done.

            Example: mvfleet run ~/clips --output dataset
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var job: JobOptions
    @Argument(help: "A Music4All directory, a JSONL or CSV manifest, or a folder of media.") var catalogue: String
    @Option(name: .shortAndLong, help: ArgumentHelp("Where the dataset goes.", valueName: "dir")) var output: String
    @Option(help: "The catalogue's name in the ledger. Default: from its path.") var name: String?
    @Option(help: "Batches of each stage that run at once. Default: the stage's own.") var slots: Int?
    @Option(help: "Clips in the test split. Default: the paper's share, 1,446 of 56,446.") var testSize: Int?
    @OptionGroup var languageModels: LanguageModelOptions
    @OptionGroup var batch: BatchOptions
    @OptionGroup var hardware: HardwareOptions
    @OptionGroup var musicMachine: MusicMachineOptions
    @Flag(help: "Exit with status 1 when any clip failed.") var strict = false
    @Flag(help: "The summary as one JSON object.") var json = false

    func validate() throws {
        if let slots, !(1...1000).contains(slots) { throw ValidationError("--slots is \(slots): give 1 to 1000") }
        if let testSize, testSize < 0 { throw ValidationError("--test-size is \(testSize): give 0 or more") }
    }

    func run() async throws {
        let started = ContinuousClock.now
        let display = ProgressDisplay()
        let stages = try StageCatalogue.standard()
        // Everything that can be wrong with the command is found before anything is started.
        let configuration = try FleetConfiguration(common)
        let checkpoints = try await MusicCheckpoints.find(job.musicModelDirectories, configuration)
        let graph = try job.graph(stages, checkpoints)
        guard !job.noOp, graph.stages.contains(where: { ["description", "prediction", "embedding"].contains($0.name) }) else {
            throw ValidationError("'run' ends with a dataset of descriptions or with predictions, which these stages do not make: use 'mvfleet submit' for them")
        }
        let machine = try MusicMachine(musicMachine, configuration.musicModel)
        let models = try checkpoints.models(machine)
        if models == nil, let stage = graph.stages.first(where: { ["embedding", "prediction"].contains($0.name) }) { throw checkpoints.missing(stage.name) }
        // What cannot be loaded is known before anything is started.
        try await models?.load(for: graph)
        if job.captioner.usesLanguageModel {
            guard try !configuration.endpoints(languageModels).isEmpty else {
                throw FleetError("configuration.invalid", "--captioner openai needs a language model's server: give --openai-base-url (or OPENAI_BASE_URL), OPENAI_API_KEY, or language_models in the configuration file")
            }
            _ = try configuration.languageModelSettings()
        }
        let reader = try CatalogueIngest.open(catalogue)
        try RunCommand.checkOutput(output)
        let setup = try await FleetSetup.open(common, role: "run", connections: 12, startsServices: true) { display.say($0) }
        _ = try await setup.ledger.migrate()

        let collection = name ?? RunCommand.collectionName(of: catalogue)
        let ingested = try await CatalogueIngest.ingest(reader, into: collection, setup)
        display.say(ingested.rendered(collection))

        let work = Task { () throws -> (JobID, PlanReport) in
            try await process(setup, stages, graph, collection, checkpoints, models, machine, display)
        }
        let (id, plan) = try await Signals.withHandler({ count in
            if count == 1 { work.cancel() } else { _exit(130) }
        }) {
            do {
                return try await work.value
            } catch is CancellationError {
                throw FleetError("run.stopped", "stopped: nothing that was done is lost; the same command goes on from here")
            }
        }

        let report = try await Reducing.export(id, setup.ledger, to: output, .init(testSize: testSize))
        let known = plan.tasks - plan.created - plan.shared
        let summary = SummaryReport(report, output: output, job: id, elapsed: ContinuousClock.now - started, reused: known)
        if json {
            try Self.printJSON(summary)
        } else {
            if known == plan.tasks {
                print("\nNothing had changed: all \(known.grouped) results were reused.\n")
            } else if known > 0 {
                print("\n\(known.grouped) of \(plan.tasks.grouped) results were reused.\n")
            } else {
                print("")
            }
            print(summary.rendered())
            if setup.configuration.usesPrivateServices {
                let option = common.dataDirectory.map { " --data-dir \($0)" } ?? ""
                print("servers: go on running, with their data below \(setup.configuration.dataDirectory); 'mvfleet down\(option)' stops them")
            }
        }
        if strict, !report.failures.isEmpty || !report.predictionFailures.isEmpty || !ingested.problems.isEmpty { throw ExitCode(1) }
    }

    /// Coordinator and workers in this process, until the job ends.
    private func process(_ setup: FleetSetup, _ stages: StageCatalogue, _ graph: StageGraph, _ collection: String, _ checkpoints: MusicCheckpoints, _ musicModels: MusicModels?, _ machine: MusicMachine, _ display: ProgressDisplay) async throws -> (JobID, PlanReport) {
        var slots: [StageName: Int] = [:]
        for plan in graph.stages {
            let own = try stages.entry(plan.name).descriptor.slots
            slots[plan.name] = self.slots ?? (plan.name == "prediction" ? machine.batch : own)
        }
        let models = try setup.languageModels(languageModels, isBatched: batch.isBatched)
        var environment = try setup.stageEnvironment(slots: slots, stages, hardware: hardware.hardwareDecoding, languageModels: models)
        environment[MusicModels.self] = musicModels
        let worker = try Worker(ledger: setup.ledger, amqp: setup.amqp, catalogue: stages, environment: environment, options: .init(slots: slots), logger: setup.logger)
        let coordinator = Coordinator(ledger: setup.ledger, amqp: setup.amqp, database: setup.database, catalogue: stages, logger: setup.logger)

        let (id, plan) = try await submit(setup, graph, stages, collection, checkpoints)
        return try await setup.trimmingLogs { try await withThrowingTaskGroup(of: Void.self) { group in
            let progress = Task {
                let status = try await JobProgress(ledger: setup.ledger).watch(id)
                if status.summary.state == .running, let budget = try await setup.ledger.budgets(of: [id]).first {
                    throw FleetError("job.budget_reached", "job \(id) stopped at its budget (\(budget.line(of: id))). What was done is kept, and no answer is paid for again: the same command with a higher --budget goes on from here")
                }
            }
            group.addTask { try await coordinator.run() }
            group.addTask { try await worker.run() }
            group.addTask {
                _ = try await withTaskCancellationHandler { try await progress.value } onCancel: { progress.cancel() }
            }
            // The job's end, or whatever goes wrong before it, ends all.
            try await group.next()
            worker.drain()
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
            await models?.shutdown()
            await musicModels?.close()
            await environment.children.endIdleChildren()
            try Task.checkCancellation()
            return (id, plan)
        } }
    }

    /// A job that an earlier run of the same command left behind is gone on with; a finished one is run anew, which reuses its results.
    private func submit(_ setup: FleetSetup, _ graph: StageGraph, _ stages: StageCatalogue, _ collection: String, _ checkpoints: MusicCheckpoints) async throws -> (JobID, PlanReport) {
        let request = try job.request(name: "run \((collection as NSString).lastPathComponent)", collection: collection, catalogue: stages, checkpoints)
        var spent = Money.zero
        for open in try await setup.ledger.jobs(limit: 20) where open.name == request.name && open.collection == collection && (open.state == .planning || open.state == .running) {
            // Its tasks are shared with the new job's: nothing that it did is lost, and its clips may have changed.
            try await setup.ledger.cancel(open.id)
            spent += try await setup.ledger.budgets(of: [open.id]).first?.spent ?? .zero
        }
        let id = try await setup.ledger.submit(request)
        // A budget is for the whole of what this command does, however often it was stopped.
        if let budget = job.budget { try await setup.ledger.setBudget(max(budget - spent, .zero), of: id) }
        return (id, try await PlanProgressDisplay.plan(id, setup.ledger))
    }

    static func collectionName(of path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }

    /// A dataset is not written over something else, and that its place can be written to is known before the work, not after it.
    static func checkOutput(_ path: String) throws {
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue {
            throw FleetError("output.not_a_directory", "--output \(path) is a file: name a directory")
        }
        var existing = URL(fileURLWithPath: path).standardizedFileURL.path
        while existing != "/", access(existing, F_OK) != 0, errno == ENOENT || errno == ENOTDIR {
            existing = (existing as NSString).deletingLastPathComponent
        }
        guard access(existing, W_OK | X_OK) == 0 else {
            throw FleetError("output.not_writable", "--output \(path): nothing can be written in \(existing) (\(String(cString: strerror(errno)))); name another directory, or change its permissions")
        }
    }
}
