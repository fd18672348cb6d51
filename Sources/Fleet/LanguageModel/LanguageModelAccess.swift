import ChatCompletions
import FleetModel

/// Whoever answers what stages ask of language models.
public protocol LanguageModelAccess: Sendable {
    /// - Throws: why there is no answer; retriable where asking again may help.
    func answer(_ query: LanguageModelQuery) async throws(FleetError) -> LanguageModelReply
}

extension FleetError {
    /// Errors of chat completions keep their code: failures are listed and retried by it.
    public init(_ error: ChatError) {
        self.init(Code(rawValue: error.code.rawValue), error.message, isRetriable: error.isRetriable)
        cause = error.cause
    }
}
