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

    init(to request: CompletionRequest, _ behaviour: Behaviour) {
        let full = behaviour.text ?? request.schema.map { SchemaAnswer.value($0, seed: request.promptTokens).json } ?? "The double has heard \(request.promptTokens) tokens."
        // Four bytes a token: an answer that is too long for its limit is cut as a model's is.
        let isCut = full.utf8.count > request.maximumAnswerTokens * 4
        text = behaviour.refusal != nil ? "" : isCut ? String(decoding: full.utf8.prefix(request.maximumAnswerTokens * 4), as: UTF8.self) : full
        finishReason = isCut ? "length" : behaviour.finishReason
        completionTokens = max(1, ((behaviour.refusal ?? text).utf8.count + 3) / 4)
        id = "chatcmpl-\(request.number)"
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

    var value: JSONValue {
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
        var events = [chunk(.object(["role": "assistant", "content": ""]))]
        if let refusal = behaviour.refusal { events.append(chunk(.object(["refusal": .string(refusal)]))) }
        for piece in Self.pieces(text) { events.append(chunk(.object(["content": .string(piece)]))) }
        events.append(chunk(.object([:]), finish: finishReason))
        if includesUsage { events.append(event(chunkValue([], usage: usage).json)) }
        events.append(event("[DONE]"))
        return DoubleReply(status: 200, headers: [("content-type", "text/event-stream"), ("cache-control", "no-cache")], steps: steps(events))
    }

    private func steps(_ events: [ByteBuffer]) -> [DoubleReply.Step] {
        var steps: [DoubleReply.Step] = []
        for (index, event) in events.enumerated() {
            if index > 0, behaviour.pieceDelay > .zero { steps.append(.wait(behaviour.pieceDelay)) }
            switch behaviour.fault {
            case .cut(index): return steps + [.wait(.milliseconds(1)), .close]
            case .truncate(index): return steps
            case .malformed(index): steps.append(.bytes(ByteBuffer(bytes: event.readableBytesView.prefix(event.readableBytes / 2) + Array("\n\n".utf8))))
            case .whiteSpace(index): return steps + [.flood(chunk(.object(["content": .string(String(repeating: " \n", count: 64))])))]
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
