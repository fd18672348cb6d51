import Captioning
import ChatCompletions
import Fleet
import FleetModel
import Ledger

/// What a job would ask of language models at one stage, and what that would cost.
public struct TextEstimate: Sendable, Equatable {
    public enum Basis: Sendable, Equatable {
        /// The very requests of so many clips, each once, and each answered at the first time of asking, as shortly as the examples are.
        case prompts(clips: Int)
        /// What so many texts of this recipe have taken, repetitions included.
        case recorded(texts: Int)
    }

    public var stage: StageName
    public var model: String
    public var requests: Int
    public var promptTokens: Int
    public var answerTokens: Int
    /// That are sent: media as base64.
    public var bytes: Int
    public var price: Money
    public var basis: Basis
}

/// Estimates what a job asks of language models, from clips that are drawn by chance and from what was recorded.
public struct TextEstimator: Sendable {
    /// Texts of a recipe from which on what they took is a better guide than its prompts.
    private static let enoughRecorded = 20

    private let ledger: Ledger
    private let catalogue: StageCatalogue
    private let environment: StageEnvironment
    private let prices: PriceTable

    public init(ledger: Ledger, catalogue: StageCatalogue, environment: StageEnvironment, prices: PriceTable) {
        self.ledger = ledger
        self.catalogue = catalogue
        self.environment = environment
        self.prices = prices
    }

    /// - Parameters:
    ///   - estimates: what is to run, as ``Ledger/estimate(_:)`` has it.
    ///   - isBatched: whether the Batch API is used, at its price.
    ///   - sample: how many clips are looked at; what is not known of them is read from their media, here.
    ///   - progress: clips looked at, and how many there will be.
    /// - Throws: `llm.price_unknown`; the error of the clips that were drawn where none of them can be looked at.
    public func estimate(_ request: JobRequest, _ estimates: [StageEstimate], isBatched: Bool, sample: Int, progress: @Sendable (Int, Int) -> Void) async throws -> [TextEstimate] {
        let asking = try request.graph.stages.compactMap { plan in try ClipPreview.recipe(of: plan).map { (plan: plan, recipe: $0) } }
        guard !asking.isEmpty else { return [] }
        let modelPrices = try asking.map { try prices.price(of: $0.recipe.model) }
        let looked = try await look(at: try await ledger.sample(of: request.collection, count: sample), request.graph, progress)
        let recorded = try await ledger.textUsage(of: asking.map(\.plan.recipe))
        return zip(asking, modelPrices).map { entry, price in
            // Those whose task of this stage has ended are none of what is to run.
            let open = looked.filter { !$0.ended.contains(entry.plan.name) }
            let texts = open.compactMap { $0.requests.first { $0.stage == entry.plan.name } }
            // Clips of one video, or with the same lyrics, ask for the same: that is sent once.
            var seen: Set<[UInt8]> = []
            let asked = texts.filter { seen.insert($0.request.digest).inserted }
            let toRun = estimates.first { $0.stage == entry.plan.name }?.toRun ?? 0
            // Of static videos and of clips without lyrics nothing is asked. All that the sample shows of shared requests holds for the whole; a small one shows few of them.
            let requests = open.isEmpty ? 0 : Double(toRun) * Double(asked.count) / Double(open.count)
            func total(_ value: (RehearsedRequest) -> Int) -> Int {
                asked.isEmpty ? 0 : Int((requests * Double(asked.reduce(0) { $0 + value($1) }) / Double(asked.count)).rounded())
            }
            var estimate = TextEstimate(stage: entry.plan.name, model: entry.recipe.model, requests: Int(requests.rounded()), promptTokens: total { $0.request.estimatedTokens(price.tokens) },
                                        answerTokens: total(\.answerTokens), bytes: total { $0.request.estimatedBytes }, price: .zero, basis: .prompts(clips: open.count))
            if let usage = recorded[entry.plan.recipe.digest], usage.texts >= Self.enoughRecorded {
                func scaled(_ sum: Int) -> Int { Int((requests * Double(sum) / Double(usage.texts)).rounded()) }
                estimate.basis = .recorded(texts: usage.texts)
                estimate.bytes = estimate.bytes * usage.requests / usage.texts
                (estimate.requests, estimate.promptTokens, estimate.answerTokens) = (scaled(usage.requests), scaled(usage.promptTokens), scaled(usage.answerTokens))
            }
            estimate.price = price.cost(ChatUsage(promptTokens: estimate.promptTokens, completionTokens: estimate.answerTokens), isBatch: isBatched)
            return estimate
        }
    }

    /// What one clip asks, and at which stages it has ended.
    private struct Look {
        var requests: [RehearsedRequest]
        var ended: Set<StageName>
    }

    /// - Throws: where no clip can be looked at.
    private func look(at clips: [Clip], _ graph: StageGraph, _ progress: @Sendable (Int, Int) -> Void) async throws -> [Look] {
        var looked: [Look] = []
        var failures: [any Error] = []
        for (index, clip) in clips.enumerated() {
            progress(index, clips.count)
            let fingerprints = graph.fingerprints(of: clip)
            let ended = try await ledger.outputs(of: fingerprints.map(\.fingerprint))
            var known: [StageName: String] = [:], isFiltered = false
            for (plan, fingerprint) in fingerprints {
                guard let ending = ended[fingerprint] else { continue }
                // What models wrote is asked for again here, to see what it takes.
                if let output = ending { if try !ClipPreview.asksModel(plan) { known[plan.name] = output } } else { isFiltered = true }
            }
            var look = Look(requests: [], ended: Set(fingerprints.filter { ended[$0.fingerprint] != nil || (isFiltered && graph.follows($0.stage.name, "frames")) }.map(\.stage.name)))
            do {
                look.requests = try await asked(of: clip, graph, known, isFiltered: isFiltered)
            } catch {
                // A clip that fails asks for next to nothing; should all of them, something else is wrong.
                failures.append(error)
            }
            looked.append(look)
        }
        progress(clips.count, clips.count)
        if failures.count == clips.count, let first = failures.first { throw first }
        return looked
    }

    private func asked(of clip: Clip, _ graph: StageGraph, _ known: [StageName: String], isFiltered: Bool) async throws -> [RehearsedRequest] {
        let rehearsal = Rehearsal()
        var environment = environment
        environment.languageModels = rehearsal
        let single = SingleClip(catalogue: catalogue, environment: environment)
        if !isFiltered {
            do {
                _ = try await single.outputs(of: clip, through: graph, known: known)
                return rehearsal.requests
            } catch let error as FleetError {
                guard error.code == "clip.filtered" else { throw error }
            }
        }
        // A filtered clip still has its sound and its lyrics.
        rehearsal.clear()
        _ = try await single.outputs(of: clip, through: try StageGraph(graph.stages.filter { $0.name != "frames" && !graph.follows($0.name, "frames") }), known: known)
        return rehearsal.requests
    }
}

extension StageGraph {
    /// Whether `stage` requires `other`, directly or through others.
    fileprivate func follows(_ stage: StageName, _ other: StageName) -> Bool {
        guard let plan = stages.first(where: { $0.name == stage }) else { return false }
        return plan.requires.contains { $0 == other || follows($0, other) }
    }
}

extension ChatRequest {
    /// About how many bytes the request has on the wire.
    fileprivate var estimatedBytes: Int {
        messages.reduce(200 + (answerSchema?.json.utf8.count ?? 0)) { sum, message in
            message.parts.reduce(sum + 40) { sum, part in
                switch part {
                case .text(let text): sum + text.utf8.count + 40
                case .image(let media, _), .audio(let media, _): sum + media.byteCount * 4 / 3 + 100
                }
            }
        }
    }
}
