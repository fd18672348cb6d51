import ChatCompletions
import Fleet
import FleetModel

/// A language model that is asked without a fleet: nothing is journalled, shared or paid from a budget.
public struct DirectLanguageModel: LanguageModelAccess {
    private let client: ChatClient
    private let onText: (@Sendable (_ stage: StageName, _ words: String) -> Void)?

    /// - Parameter onText: makes servers stream, and hears the words as they come, with the stage that they are for.
    public init(client: ChatClient, onText: (@Sendable (StageName, String) -> Void)? = nil) {
        self.client = client
        self.onText = onText
    }

    public func answer(_ query: LanguageModelQuery) async throws(FleetError) -> LanguageModelReply {
        var onText: (@Sendable (String) -> Void)?
        if let heard = self.onText { onText = { [stage = query.stage] words in heard(stage, words) } }
        do throws(ChatError) {
            return .answer(try await client.complete(query.request, deadline: query.deadline, onText: onText), isReused: false)
        } catch {
            let failure = FleetError(error)
            // Nothing comes back here when a server does: whoever is declared stands in at once.
            guard error.outage != nil || error.code == .unreachable else { throw failure }
            return .down(LanguageModelOutage(wait: .zero, reason: error.description, error: failure))
        }
    }
}
