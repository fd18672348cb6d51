import ArgumentParser
import Fleet
import FleetModel
import Ledger
import Stages

/// What makes a job: stages and their recipes.
struct JobOptions: ParsableArguments {
    @Option(name: .customLong("stage"), parsing: .upToNextOption, help: ArgumentHelp("The stages to reach; what they require comes along. Default: description, and what a model given by --music-model can make.", valueName: "stage"))
    var stages: [StageName] = []

    @Option(name: .customLong("recipe"), help: ArgumentHelp("Settings of a stage as STAGE=JSON; 'mvfleet stages' shows the defaults. Can be given several times.", valueName: "stage=json"))
    var recipes: [String] = []

    @OptionGroup var captioner: CaptionerOptions
    @OptionGroup var musicModel: MusicModelOptions
    @OptionGroup(title: "Predictions by the paper's model") var prediction: PredictionOptions
    @Flag(help: "Every stage does nothing: for measuring the fleet itself.") var noOp = false
    @Option(help: ArgumentHelp("With --no-op: how long each batch is held.", valueName: "ms")) var workMs = 0
    @Option(help: "bulk or stream.") var lane: Lane = .bulk
    @Option(help: "Jobs of higher priority go first.") var priority = 0
    @Option(help: ArgumentHelp("What the job may spend on language models, such as 50USD. Reached, nothing more is asked until 'mvfleet job ID budget' raises it.", valueName: "amount"))
    var budget: Money?
    @Flag(help: "Run again what an earlier job failed at for good. Otherwise its failures are this job's too.") var retryFailures = false

    /// As the command names them; empty for what the configuration says.
    var musicModelDirectories: [String] { (musicModel.directory ?? captioner.musicModelDirectory).map { [$0] } ?? [] }

    func validate() throws {
        guard (0...3_600_000).contains(workMs) else { throw ValidationError("--work-ms is \(workMs): give 0 to 3,600,000") }
    }

    /// - Parameter checkpoints: the paper's model, as far as a command or the configuration names one.
    func graph(_ catalogue: StageCatalogue, _ checkpoints: MusicCheckpoints) throws -> StageGraph {
        let wanted: [StageName] = stages.isEmpty ? ["description"] + (noOp ? [] : checkpoints.stages) : stages
        var settings = try captioner.settings()
        try checkpoints.lay(prediction, over: &settings)
        var given: Set<StageName> = []
        for recipe in recipes {
            let parts = recipe.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let stage = StageName(rawValue: parts[0]) else {
                throw ValidationError("--recipe is '\(recipe)': write STAGE=JSON, such as --recipe 'frames={\"width\":320}'")
            }
            try settings.lay(parts[1], over: stage)
            given.insert(stage)
        }
        let reached = Set(try catalogue.graph(of: wanted).stages.map(\.name))
        // What the captioner's options say of stages that this job does not reach is not the user's mistake; a recipe is.
        var texts = try settings.texts { reached.contains($0) || given.contains($0) }
        if noOp {
            let canonical = NoOpSettings(work: .milliseconds(workMs)).canonical
            for plan in try catalogue.graph(of: wanted).stages { texts[plan.name] = canonical }
        }
        let graph = try catalogue.graph(of: wanted, settings: texts)
        if !noOp { try MusicModels.requireCheckpoints(of: graph) }
        return graph
    }

    func request(name: String, collection: String, catalogue: StageCatalogue, _ checkpoints: MusicCheckpoints) throws -> JobRequest {
        let graph = try graph(catalogue, checkpoints)
        return JobRequest(name: name, collection: collection, lane: lane, priority: priority, graph: graph, inheritsDead: !retryFailures, options: try JobRecipes(graph).options())
    }
}

extension Money: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension StageName: ExpressibleByArgument {
    public init?(argument: String) { self.init(rawValue: argument) }
}

extension Lane: ExpressibleByArgument {
    public init?(argument: String) {
        guard let lane = Lane.allCases.first(where: { $0.name == argument }) else { return nil }
        self = lane
    }

    public static var allValueStrings: [String] { allCases.map(\.name) }
}
