import Captioning
import ChatCompletions
import Fleet
import FleetModel
import Synchronization

/// A request that was not sent, and how long an answer to it is that holds.
struct RehearsedRequest: Sendable {
    var stage: StageName
    var request: ChatRequest
    var answerTokens: Int
}

/// Stands in for a language model where its price is wanted and not its words: answers by an example that every check lets pass, and remembers what it was asked.
final class Rehearsal: LanguageModelAccess {
    private let asked = Mutex<[RehearsedRequest]>([])

    var requests: [RehearsedRequest] { all() }

    @inline(never) private func all() -> [RehearsedRequest] { asked.withLock { $0 } }

    @inline(never) private func note(_ request: RehearsedRequest) { asked.withLock { $0.append(request) } }

    @inline(never) func clear() { asked.withLock { $0 = [] } }

    func answer(_ query: LanguageModelQuery) async throws(FleetError) -> LanguageModelReply {
        guard let schema = query.request.answerSchema, let text = ExampleAnswer.json(schema: schema.name, schema.json) else {
            throw FleetError(.internal, "there is no example of an answer for '\(query.stage)'")
        }
        note(RehearsedRequest(stage: query.stage, request: query.request, answerTokens: ChatRequest.estimatedTokens(of: text)))
        return .answer(ChatAnswer(text: text, finishReason: "stop", model: query.request.model), isReused: false)
    }
}
