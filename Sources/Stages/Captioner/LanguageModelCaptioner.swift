import Captioning
import ChatCompletions
import Fleet
import FleetModel

/// One clip's text, to be written by a language model.
struct CaptionJob<Task: CaptionTask>: Sendable {
    var task: Task
    var claim: Claim
    var media: @Sendable () async throws -> PromptMedia
}

/// Writes the texts of a batch by a language model, all at once: each climbs its ladder, and every answer is paid for once.
struct LanguageModelCaptioner: Sendable {
    let recipe: LanguageModelRecipe
    let models: any LanguageModelAccess

    init(_ recipe: LanguageModelRecipe, _ environment: StageEnvironment) throws(FleetError) {
        guard let models = environment.languageModels else {
            throw FleetError(.stageStart, "this worker knows no language model's server, and the recipe asks for '\(recipe.model)': give --openai-base-url and OPENAI_API_KEY, or 'language_models' in its configuration file", isRetriable: true)
        }
        self.recipe = recipe
        self.models = models
    }

    func run<Task: CaptionTask>(_ jobs: [CaptionJob<Task>], context: StageContext) async -> [Outcome<Task.Answer>] {
        await withTaskGroup(of: (Int, Outcome<Task.Answer>).self) { group in
            for (position, job) in jobs.enumerated() {
                group.addTask { (position, await outcome(of: job, context)) }
            }
            var outcomes = [Outcome<Task.Answer>?](repeating: nil, count: jobs.count)
            for await (position, outcome) in group { outcomes[position] = outcome }
            return outcomes.map { $0 ?? .failed(FleetError(.internal, "a text of the batch got no outcome")) }
        }
    }

    private func outcome<Task: CaptionTask>(of job: CaptionJob<Task>, _ context: StageContext) async -> Outcome<Task.Answer> {
        do {
            return try await climb(job, context)
        } catch {
            return .failed(error as? FleetError ?? FleetError(.internal, "the text of clip '\(job.claim.clip.id)' was not written", cause: error, isRetriable: true))
        }
    }

    private func climb<Task: CaptionTask>(_ job: CaptionJob<Task>, _ context: StageContext) async throws -> Outcome<Task.Answer> {
        var ladder = CaptionLadder(job.task, policy: recipe.ladder)
        var action = ladder.begin()
        var media: PromptMedia?
        // Of a model that was not asked, or not to the end.
        var outage: LanguageModelOutage?
        while true {
            switch action {
            case .ask(let prompt, let step):
                if media == nil { media = try await job.media() }
                let model = step == .fallbackModel ? recipe.fallbackModel ?? recipe.model : recipe.model
                let request = try ChatRequest(prompt, model: model, recipe: recipe, media: media ?? PromptMedia())
                do {
                    switch try await models.answer(LanguageModelQuery(request, for: job.claim, deadline: context.timeLimit)) {
                    case .answer(let answer, _): action = ladder.receive(ModelReply(answer))
                    case .later(let pause, let reason): return .deferred(by: pause, reason: reason)
                    case .down(let new):
                        guard let next = ladder.unavailable(ChatError.Code.circuitOpen.rawValue) else { return Outcome(outage ?? new) }
                        outage = outage ?? new
                        action = next
                    }
                } catch {
                    // The request itself is at fault: the next step may ask another way.
                    guard !error.isRetriable, LanguageModelCaptioner.isRequestsOwn(error.code) else { return .failed(error) }
                    action = ladder.failed(error.code.rawValue)
                }
            case .finish(.settled(let answer)): return .completed(answer)
            case .finish(.accepted(let answer, let quality)): return quality.isDegraded ? .degraded(answer) : .completed(answer)
            case .finish(.exhausted(let violations, let quality)):
                // Who stood in did not do, and the model itself has not been heard.
                if let outage { return Outcome(outage) }
                return .failed(LanguageModelCaptioner.exhausted(Task.stage, violations, quality))
            }
        }
    }

    private static func isRequestsOwn(_ code: FleetError.Code) -> Bool {
        [ChatError.Code.contextLength, .rejected, .malformedAnswer].map(\.rawValue).contains(code.rawValue)
    }

    private static func exhausted(_ stage: CaptionStage, _ violations: [Violation], _ quality: CaptionQuality) -> FleetError {
        let named = violations.prefix(3).map { "\($0.place): \($0.message)" }.joined(separator: "; ")
        let failures = quality.attempts.compactMap(\.failure)
        let cause = named.isEmpty ? failures.last ?? "no answer could be read" : named
        return FleetError("caption.rejected", "no answer for '\(stage.rawValue)' held after \(quality.attempts.count) requests (\(cause)): look at it with 'mvfleet failures show', change the prompt or the model, or declare a fallback in the recipe (--fallback-model, --fallback-rules)")
    }
}

extension Outcome {
    /// Of a text for which nobody stands in.
    fileprivate init(_ outage: LanguageModelOutage) {
        self = outage.error.map { .failed($0) } ?? .deferred(by: outage.wait, reason: outage.reason)
    }
}

extension ModelReply {
    init(_ answer: ChatAnswer) {
        self.init(text: answer.text, finishReason: answer.finishReason, refusal: answer.refusal, model: answer.model,
                  promptTokens: answer.usage?.promptTokens ?? 0, completionTokens: answer.usage?.completionTokens ?? 0)
    }
}
