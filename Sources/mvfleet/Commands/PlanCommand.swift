import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Ledger
import Media
import Stages

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show what a job would run, what it would reuse, and what its language models would cost. Nothing is written.",
        discussion: """
            Prices come from the requests of clips that are drawn by chance (--sample): what is not known of them is read from their media, here. Once twenty texts of a
            recipe are written, what they took is taken instead, repeated requests included. Prices are those of the configuration file (language_models) over built-in ones.

            Examples:
              mvfleet plan clips --recipe 'frames={"width":320}'
              mvfleet plan clips --captioner openai --model gpt-4o-mini-2024-07-18 --pictures contact-sheet
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var job: JobOptions
    @Argument(help: "The name under which the catalogue was ingested.") var catalogue: String
    @Option(help: "How many clips are looked at for the price.") var sample = 32
    @OptionGroup var batch: BatchOptions
    @Flag(help: "One JSON object a stage.") var json = false

    func validate() throws {
        if !(1...10_000).contains(sample) { throw ValidationError("--sample is \(sample): give 1 to 10,000") }
    }

    private struct Row: Encodable {
        var stage: String
        var to_run: Int
        var in_progress: Int
        var reused: Int
        var filtered: Int
        var failed: Int
        var language_model: PriceRow?
    }

    /// What a stage asks of a language model.
    private struct PriceRow: Encodable {
        var model: String
        var requests: Int
        var prompt_tokens: Int
        var answer_tokens: Int
        var bytes: Int
        var price_usd: Double
        /// Clips whose requests were looked at, or texts whose usage is recorded.
        var sampled_clips: Int?
        var recorded_texts: Int?

        init(_ estimate: TextEstimate) {
            model = estimate.model
            requests = estimate.requests
            prompt_tokens = estimate.promptTokens
            answer_tokens = estimate.answerTokens
            bytes = estimate.bytes
            price_usd = estimate.price.dollars
            switch estimate.basis {
            case .prompts(let clips): sampled_clips = clips
            case .recorded(let texts): recorded_texts = texts
            }
        }
    }

    private func prices(_ setup: FleetSetup, _ request: JobRequest, _ estimates: [StageEstimate], _ stages: StageCatalogue) async throws -> [TextEstimate] {
        guard try request.graph.stages.contains(where: ClipPreview.asksModel) else { return [] }
        let prices = try setup.configuration.prices(), isBatched = batch.isBatched && job.lane == .bulk
        let reporter = ProgressReporter()
        defer { reporter.finish() }
        return try await ClipPipeline.with(common, nil, usesLanguageModel: false, hardware: .off, showsWords: false) { environment in
            try await TextEstimator(ledger: setup.ledger, catalogue: stages, environment: environment, prices: prices)
                .estimate(request, estimates, isBatched: isBatched, sample: sample) { done, total in reporter.show(.init(label: "looking at clips", done: done, total: total, note: "")) }
        }
    }

    func run() async throws {
        let stages = try StageCatalogue.standard()
        let setup = try await FleetSetup.open(common, role: "plan", connections: 2)
        let request = try job.request(name: catalogue, collection: catalogue, catalogue: stages, try await MusicCheckpoints.find(job.musicModelDirectories, setup.configuration))
        let estimates = try await setup.ledger.estimate(request)
        let texts = try await prices(setup, request, estimates, stages)
        let rows = estimates.map { estimate in
            Row(stage: estimate.stage.rawValue, to_run: estimate.toRun, in_progress: estimate.inProgress, reused: estimate.reused, filtered: estimate.filtered, failed: estimate.dead,
                language_model: texts.first { $0.stage == estimate.stage }.map(PriceRow.init))
        }
        if json { return try rows.forEach(Self.printJSON) }
        var table = TextTable([("STAGE", .left), ("TO RUN", .right), ("IN PROGRESS", .right), ("REUSED", .right), ("FILTERED", .right), ("FAILED", .right)])
        for row in rows { table.add([row.stage] + [row.to_run, row.in_progress, row.reused, row.filtered, row.failed].map(\.grouped)) }
        print(table.rendered())
        if !texts.isEmpty { print("\n" + PlanCommand.rendered(texts, budget: job.budget)) }
    }

    private static func rendered(_ texts: [TextEstimate], budget: Money?) -> String {
        var table = TextTable([("STAGE", .left), ("MODEL", .left), ("REQUESTS", .right), ("PROMPT TOKENS", .right), ("ANSWER TOKENS", .right), ("MB", .right), ("PRICE", .right), ("FROM", .left)])
        func row(_ name: String, _ model: String, _ requests: Int, _ prompt: Int, _ answer: Int, _ bytes: Int, _ price: Money, _ basis: String) -> [String] {
            [name, TextTable.printable(model), requests.grouped, prompt.grouped, answer.grouped, ((bytes + 500_000) / 1_000_000).grouped, price.description, basis]
        }
        for text in texts {
            let basis = switch text.basis {
            case .prompts(let clips): "the requests of \(clips) clips"
            case .recorded(let texts): "\(texts.grouped) texts so far"
            }
            table.add(row(text.stage.rawValue, text.model, text.requests, text.promptTokens, text.answerTokens, text.bytes, text.price, basis))
        }
        let price = texts.reduce(Money.zero) { $0 + $1.price }
        func sum(_ value: (TextEstimate) -> Int) -> Int { texts.reduce(0) { $0 + value($1) } }
        table.add(row("all", "", sum(\.requests), sum(\.promptTokens), sum(\.answerTokens), sum(\.bytes), price, ""))
        return table.rendered() + (budget.map { price > $0 ? "\nThe budget of \($0) will not do." : "" } ?? "")
    }
}
