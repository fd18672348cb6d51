import Foundation

/// A streamed answer as its pieces come. Ends with an error where the stream turns out to be none: cut short, malformed, too long, or a flood of white space.
package struct AnswerAssembly {
    let endpoint: Endpoint
    let model: String
    let maximumBytes: Int
    let maximumWhiteSpace: Int

    private var parser: EventStreamParser
    private var text = ""
    private var refusal: String?
    private var finishReason: String?
    private var usage: ChatUsage?
    private var servedModel: String?
    private var whiteSpace = WhiteSpaceRun()
    private var byteCount = 0
    private(set) var isDone = false

    package init(endpoint: Endpoint, model: String, maximumBytes: Int, maximumWhiteSpace: Int) {
        self.endpoint = endpoint
        self.model = model
        self.maximumBytes = maximumBytes
        self.maximumWhiteSpace = maximumWhiteSpace
        parser = EventStreamParser(limit: maximumBytes)
    }

    /// - Returns: the new words, and their tokens where the server tells them.
    package mutating func receive(_ bytes: UnsafeRawBufferPointer) throws(ChatError) -> AnswerPiece {
        byteCount += bytes.count
        guard byteCount <= maximumBytes else { throw .malformed(endpoint, "sends more than \(maximumBytes) bytes for one answer", usage: usage) }
        let events: [[UInt8]]
        do { events = try parser.feed(bytes) } catch { throw .malformed(endpoint, "sends an event longer than \(maximumBytes) bytes") }
        var new = AnswerPiece()
        for event in events where !isDone {
            if event.elementsEqual("[DONE]".utf8) {
                isDone = true
            } else if let piece = try take(event) {
                new.append(piece)
            }
        }
        return new
    }

    /// The stream has ended.
    package func finish() throws(ChatError) -> ChatAnswer {
        guard isDone else { throw .malformed(endpoint, "ended its stream before the answer was whole (after \(text.utf8.count) bytes of text)", usage: usage) }
        guard let finishReason else { throw .malformed(endpoint, "ended its stream without a finish reason", usage: usage) }
        return ChatAnswer(text: text, finishReason: finishReason, refusal: refusal, usage: usage, model: servedModel ?? model, endpoint: endpoint.name)
    }

    private mutating func take(_ event: [UInt8]) throws(ChatError) -> AnswerPiece? {
        let payload: CompletionPayload
        do {
            payload = try JSONDecoder().decode(CompletionPayload.self, from: Data(event))
        } catch {
            throw .malformed(endpoint, "sends a piece of a stream that is no JSON", usage: usage)
        }
        if let said = payload.error { throw .inAnswer(said, endpoint: endpoint, model: model, usage: payload.usage ?? usage) }
        servedModel = payload.model ?? servedModel
        usage = payload.usage ?? usage
        guard let choice = payload.choices?.first(where: { $0.index == 0 }) else { return nil }
        finishReason = choice.finishReason ?? finishReason
        if let more = choice.refusal { refusal = (refusal ?? "") + more }
        guard let piece = choice.content, !piece.isEmpty else { return choice.tokens.isEmpty ? nil : AnswerPiece(tokens: choice.tokens) }
        text += piece
        guard whiteSpace.extend(piece) <= maximumWhiteSpace else {
            throw .malformed(endpoint, "floods its answer with white space (more than \(maximumWhiteSpace) characters on end)", usage: usage)
        }
        return AnswerPiece(text: piece, tokens: choice.tokens)
    }
}

/// The longest run of white space in a text that comes in pieces.
struct WhiteSpaceRun {
    private var current = 0
    private var longest = 0

    /// - Returns: bytes of the longest run so far.
    mutating func extend(_ piece: String) -> Int {
        for byte in piece.utf8 {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): current += 1
            default:
                longest = max(longest, current)
                current = 0
            }
        }
        return max(longest, current)
    }
}

extension ChatAnswer {
    /// A whole answer's body.
    package static func read(_ body: [UInt8], endpoint: Endpoint, model: String, maximumWhiteSpace: Int) throws(ChatError) -> ChatAnswer {
        let payload: CompletionPayload
        do {
            payload = try JSONDecoder().decode(CompletionPayload.self, from: Data(body))
        } catch {
            let beginning = ServerMessage(text: String(decoding: body.prefix(300), as: UTF8.self)).line(without: endpoint.key)
            throw .malformed(endpoint, "answers with what is no chat completion", cause: beginning)
        }
        return try ChatAnswer(payload, endpoint: endpoint, model: model, maximumWhiteSpace: maximumWhiteSpace)
    }

    init(_ payload: CompletionPayload, endpoint: Endpoint, model: String, maximumWhiteSpace: Int) throws(ChatError) {
        if let said = payload.error { throw .inAnswer(said, endpoint: endpoint, model: model, usage: payload.usage) }
        guard let choice = payload.choices?.first(where: { $0.index == 0 }) ?? payload.choices?.first else {
            throw .malformed(endpoint, "answers without a choice", usage: payload.usage)
        }
        let text = choice.content ?? ""
        var run = WhiteSpaceRun()
        guard run.extend(text) <= maximumWhiteSpace else {
            throw .malformed(endpoint, "floods its answer with white space (more than \(maximumWhiteSpace) characters on end)", usage: payload.usage)
        }
        self.init(text: text, finishReason: choice.finishReason ?? "unknown", refusal: choice.refusal, usage: payload.usage, model: payload.model ?? model, endpoint: endpoint.name)
    }
}

extension ChatError {
    /// An error that a server put where an answer belongs. Its code is a status at times.
    static func inAnswer(_ said: ServerMessage, endpoint: Endpoint, model: String, usage: ChatUsage?) -> ChatError {
        let status = said.code.flatMap { Int($0) }.flatMap { (400...599).contains($0) ? $0 : nil } ?? 500
        var error = answered(status, said, headers: ServerHeaders(), endpoint: endpoint, model: model)
        error.usage = usage
        return error
    }
}
