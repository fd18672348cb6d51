import ChatCompletions
import MusicLanguageModel
import Synchronization

/// An answer that comes from a server: what is passed on of it, and with what end.
final class RemoteAnswer: Sendable {
    private struct State: Sendable {
        var scanner: StopScanner
        var usage: GenerationUsage
    }

    private let state: Mutex<State>
    private let pieces: AsyncThrowingStream<GeneratedPiece, any Error>.Continuation

    init(promptTokens: Int, stop: [String], pieces: AsyncThrowingStream<GeneratedPiece, any Error>.Continuation) {
        state = Mutex(State(scanner: StopScanner(stops: stop), usage: GenerationUsage(promptTokens: promptTokens)))
        self.pieces = pieces
    }

    /// The server ends at the stop texts; what it passes on of them all the same goes no further.
    @inline(never) func receive(_ piece: AnswerPiece) {
        let new = state.withLock { state in
            state.usage.answerTokens += piece.tokens.count
            return GeneratedPiece(text: state.scanner.append(piece.text), tokens: piece.tokens, usage: state.usage)
        }
        pieces.yield(new)
    }

    @inline(never) func finish(_ answer: ChatAnswer) {
        let (text, isStopped, usage) = state.withLock { state in
            if let billed = answer.usage { state.usage.answerTokens = billed.completionTokens }
            return (state.scanner.finish(), state.scanner.isStopped, state.usage)
        }
        guard let finish = isStopped ? .stop : Self.reasons[answer.finishReason] else {
            return pieces.finish(throwing: ModelError(code: .backend, message: "the language model's server ended an answer as \"\(answer.finishReason.prefix(40))\": look at the server", isRetriable: true))
        }
        pieces.yield(GeneratedPiece(text: text, finish: finish, usage: usage))
        pieces.finish()
    }

    @inline(never) func fail(_ error: ChatError) {
        if error.code == .cancelled {
            let usage = state.withLock { $0.usage }
            pieces.yield(GeneratedPiece(text: "", finish: .cancelled, usage: usage))
            return pieces.finish()
        }
        pieces.finish(throwing: ModelError(error))
    }

    private static let reasons: [String: FinishReason] = ["stop": .stop, ChatAnswer.endOfText: .endOfText, "length": .length]
}

extension ModelError {
    /// What a server's error means to who asks a language model.
    init(_ error: ChatError) {
        let code: Code = switch error.code {
        case .contextLength: .promptTooLong
        case .rejected: .request
        default: .backend
        }
        let hint = error.cause?.contains("enable-prompt-embeds") == true ? "; start vLLM with --enable-prompt-embeds" : ""
        self.init(code: code, message: error.description + hint, cause: error, isRetriable: error.isRetriable)
    }
}
