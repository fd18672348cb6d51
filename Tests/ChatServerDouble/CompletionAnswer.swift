import NIOCore

/// An answer that is ready to go out, whole or in pieces, with its fault.
struct CompletionAnswer {
    private let id: String
    private let model: String
    private let text: String
    private let finishReason: String
    private let behaviour: Behaviour
    private let includesUsage: Bool
    private let promptTokens: Int
    let completionTokens: Int
    /// A text is completed, not a chat.
    private let isText: Bool
    /// The stop text that came.
    private let stop: String?
    private let tellsTokens: Bool

    init(to request: CompletionRequest, _ behaviour: Behaviour) {
        isText = request.embeddings != nil
        tellsTokens = request.body["return_token_ids"]?.isTrue == true
        let whole = behaviour.text ?? request.schema.map { SchemaAnswer.value($0, seed: request.promptTokens).json } ?? "The double has heard \(request.promptTokens) tokens."
        // Compared as bytes: a line feed may be half of a character.
        let found = request.stops.compactMap { stop in Self.place(of: Array(stop.utf8), in: Array(whole.utf8)).map { (place: $0, stop: stop) } }.min { $0.place < $1.place }
        stop = found?.stop
        let full = found.map { String(decoding: Array(whole.utf8)[..<$0.place], as: UTF8.self) } ?? whole
        // Four bytes a token: an answer that is too long for its limit is cut as a model's is.
        let isCut = full.utf8.count > request.maximumAnswerTokens * 4
        text = behaviour.refusal != nil ? "" : isCut ? String(decoding: full.utf8.prefix(request.maximumAnswerTokens * 4), as: UTF8.self) : full
        finishReason = isCut ? "length" : behaviour.finishReason
        completionTokens = max(1, ((behaviour.refusal ?? text).utf8.count + 3) / 4)
        id = (isText ? "cmpl-" : "chatcmpl-") + String(request.number)
        model = behaviour.model ?? request.model
        promptTokens = request.promptTokens
        includesUsage = behaviour.sendsUsage && (!request.isStream || request.body["stream_options"]?["include_usage"]?.isTrue == true)
        self.behaviour = behaviour
    }

    /// Whether what goes out can be used.
    var isWhole: Bool {
        switch behaviour.fault {
        case nil, .stall: true
        default: false
        }
    }

    private var usage: JSONValue {
        .object([
            "prompt_tokens": .integer(promptTokens), "completion_tokens": .integer(completionTokens), "total_tokens": .integer(promptTokens + completionTokens),
            "prompt_tokens_details": .object(["cached_tokens": 0]),
        ])
    }

    private static func place(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
        guard !pattern.isEmpty, bytes.count >= pattern.count else { return nil }
        return (0 ... bytes.count - pattern.count).first { bytes[$0 ..< $0 + pattern.count].elementsEqual(pattern) }
    }

    var value: JSONValue {
        if isText {
            return .object(["id": .string(id), "object": "text_completion", "created": 1_700_000_000, "model": .string(model), "choices": [textChoice(text, finish: finishReason)],
                            "usage": includesUsage ? usage : nil])
        }
        let message = JSONValue.object([
            "role": "assistant", "content": behaviour.refusal == nil ? .string(text) : .null, "refusal": behaviour.refusal.map { .string($0) } ?? .null,
        ])
        return .object([
            "id": .string(id), "object": "chat.completion", "created": 1_700_000_000, "model": .string(model),
            "choices": [.object(["index": 0, "message": message, "logprobs": .null, "finish_reason": .string(finishReason)])],
            "usage": includesUsage ? usage : nil,
        ])
    }

    func whole() -> DoubleReply {
        let body = Array(value.json.utf8)
        var reply = DoubleReply.bytes(200, contentType: "application/json", ByteBuffer(bytes: body))
        func part(_ range: Range<Int>) -> DoubleReply.Step { .bytes(ByteBuffer(bytes: body[range.clamped(to: 0..<body.count)])) }
        switch behaviour.fault {
        case nil: break
        case .cut(let count): reply.steps = [part(0..<count), .wait(.milliseconds(1)), .close]
        case .truncate(let count), .malformed(let count):
            reply.length = min(count, body.count)
            reply.steps = [part(0..<count)]
        case .stall(let count, let time): reply.steps = [part(0..<count), .wait(time), part(count..<body.count)]
        case .whiteSpace:
            return DoubleReply(status: 200, headers: reply.headers, steps: [.flood(Self.flood)])
        }
        return reply
    }

    func stream() -> DoubleReply {
        if isText { return textStream() }
        var events = [chunk(.object(["role": "assistant", "content": ""]))]
        if let refusal = behaviour.refusal { events.append(chunk(.object(["refusal": .string(refusal)]))) }
        for piece in Self.pieces(text) { events.append(chunk(.object(["content": .string(piece)]))) }
        events.append(chunk(.object([:]), finish: finishReason))
        if includesUsage { events.append(event(chunkValue([], usage: usage).json)) }
        events.append(event("[DONE]"))
        return DoubleReply(status: 200, headers: [("content-type", "text/event-stream"), ("cache-control", "no-cache")], steps: steps(events))
    }

    private func textStream() -> DoubleReply {
        var events = Self.pieces(text).map { textChunk([textChoice($0, finish: nil)], usage: nil) }
        events.append(textChunk([textChoice("", finish: finishReason)], usage: nil))
        if includesUsage { events.append(textChunk([], usage: usage)) }
        events.append(event("[DONE]"))
        return DoubleReply(status: 200, headers: [("content-type", "text/event-stream; charset=utf-8")], steps: steps(events))
    }

    /// As vLLM has it; the tokens are the text's length.
    private func textChoice(_ text: String, finish: String?) -> JSONValue {
        .object(["index": 0, "text": .string(text), "logprobs": .null, "finish_reason": finish.map { .string($0) } ?? .null, "stop_reason": finish == nil ? .null : stop.map { .string($0) } ?? .null,
                 "token_ids": tellsTokens ? .array(text.isEmpty ? [] : [.integer(text.utf8.count)]) : nil])
    }

    private func textChunk(_ choices: [JSONValue], usage: JSONValue?) -> ByteBuffer {
        event(JSONValue.object(["id": .string(id), "object": "text_completion", "created": 1_700_000_000, "model": .string(model), "choices": .array(choices), "usage": usage]).json)
    }

    private func steps(_ events: [ByteBuffer]) -> [DoubleReply.Step] {
        var steps: [DoubleReply.Step] = []
        for (index, event) in events.enumerated() {
            if index > 0, behaviour.pieceDelay > .zero { steps.append(.wait(behaviour.pieceDelay)) }
            switch behaviour.fault {
            case .cut(index): return steps + [.wait(.milliseconds(1)), .close]
            case .truncate(index): return steps
            case .malformed(index): steps.append(.bytes(ByteBuffer(bytes: event.readableBytesView.prefix(event.readableBytes / 2) + Array("\n\n".utf8))))
            case .whiteSpace(index): return steps + [.flood(isText ? textChunk([textChoice(String(repeating: " \n", count: 64), finish: nil)], usage: nil) : chunk(.object(["content": .string(String(repeating: " \n", count: 64))])))]
            case .stall(index, let time): steps += [.wait(time), .bytes(event)]
            default: steps.append(.bytes(event))
            }
        }
        return steps
    }

    private func chunk(_ delta: JSONValue, finish: String? = nil) -> ByteBuffer {
        event(chunkValue([.object(["index": 0, "delta": delta, "logprobs": .null, "finish_reason": finish.map { .string($0) } ?? .null])], usage: nil).json)
    }

    private func chunkValue(_ choices: [JSONValue], usage: JSONValue?) -> JSONValue {
        .object(["id": .string(id), "object": "chat.completion.chunk", "created": 1_700_000_000, "model": .string(model), "choices": .array(choices),
                 "usage": usage ?? (includesUsage ? .null : nil)])
    }

    private func event(_ data: String) -> ByteBuffer { ByteBuffer(string: "data: \(data)\n\n") }

    /// Some words each.
    private static func pieces(_ text: String) -> [String] {
        var pieces: [String] = [], piece = ""
        for character in text {
            piece.append(character)
            if character == " ", piece.utf8.count >= 12 {
                pieces.append(piece)
                piece = ""
            }
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }

    private static let flood = ByteBuffer(string: String(repeating: " ", count: 1024))
}
