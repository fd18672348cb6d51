import ChatCompletions
import FleetModel
import Foundation
import Ledger

extension LanguageModelGateway {
    /// What the whole lane has to wait for defers the task; what is about this request alone is thrown.
    ///
    /// - Parameter patience: how long an outage may last before it is called one.
    static func reply(to error: ChatError, outagePatience patience: Duration) throws(FleetError) -> LanguageModelReply {
        let isDown = error.outage.map { $0 >= patience } ?? false
        switch error.code {
        case .rateLimited: return .later(wait(error, else: .seconds(20)), reason: "the model's limit is used up: \(error.message)")
        case .circuitOpen, .unreachable:
            let wait = wait(error, else: .seconds(20))
            return isDown ? .down(LanguageModelOutage(wait: wait, reason: error.description)) : .later(wait, reason: error.description)
        case .quotaExhausted: return .later(.seconds(600), reason: "no money is left on the account: \(error.message)")
        case .unauthorized: return .later(.seconds(300), reason: error.description)
        case .cancelled: return .later(.zero, reason: "the worker stopped")
        default:
            let failure = FleetError(error)
            guard isDown, error.isRetriable else { throw failure }
            return .down(LanguageModelOutage(wait: wait(error, else: .seconds(20)), reason: error.description, error: failure))
        }
    }

    /// Not all at once when the time has come.
    private static func wait(_ error: ChatError, else other: Duration) -> Duration {
        min(max(error.retryAfter ?? other, .seconds(1)), .seconds(3600)) * Double.random(in: 1..<1.25)
    }
}

extension JobBudget {
    /// Such as `49.98 USD of 50.00 USD are spent`.
    var words: String { "\(spent) of \(allowance.map(\.description) ?? "any amount") are spent" + (reserved > .zero ? ", \(reserved) are set aside" : "") }
}

extension RecordedAnswer {
    /// - Parameter estimatedPrompt: what is billed for where the server does not say.
    init(_ answer: ChatAnswer, estimatedPrompt: Int, price: ModelPrice?, isBatch: Bool = false) {
        let text = answer.text.utf8.contains(0) ? answer.text.replacing("\0", with: "\u{FFFD}") : answer.text
        let billed = answer.usage ?? ChatUsage(promptTokens: estimatedPrompt, completionTokens: ChatRequest.estimatedTokens(of: answer.text))
        self.init(text: text, finishReason: answer.finishReason, refusal: answer.refusal, model: answer.model, endpoint: answer.endpoint ?? "",
                  usage: answer.usage.map { TokenUsage(prompt: $0.promptTokens, cached: $0.cachedPromptTokens, answer: $0.completionTokens) },
                  cost: price?.cost(billed, isBatch: isBatch) ?? .zero, isBatch: isBatch)
    }
}

extension ChatAnswer {
    init(_ recorded: RecordedAnswer) {
        self.init(text: recorded.text, finishReason: recorded.finishReason, refusal: recorded.refusal,
                  usage: recorded.usage.map { ChatUsage(promptTokens: $0.prompt, cachedPromptTokens: $0.cached, completionTokens: $0.answer) }, model: recorded.model,
                  endpoint: recorded.endpoint.isEmpty ? nil : recorded.endpoint)
    }
}
