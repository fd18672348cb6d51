import ChatCompletions
import Crypto

extension ChatMedia {
    /// Bytes at hand.
    static func of(_ bytes: [UInt8], type: String = "image/jpeg", width: Int = 64, height: Int = 64) -> ChatMedia {
        let digest = SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return ChatMedia(sha256: digest, mediaType: type, byteCount: bytes.count, width: width, height: height) { bytes }
    }
}

extension ChatRequest {
    static func asking(_ text: String, model: String = "gpt-4o-mini", images: Int = 0, schema: AnswerSchema? = nil, tokens: Int = 300) -> ChatRequest {
        let pictures = (0..<images).map { ChatMessage.Part.image(.of(Array(repeating: UInt8($0), count: 1000 + $0)), detail: .low) }
        return ChatRequest(model: model, messages: [ChatMessage(.system, [.text("You describe.")]), ChatMessage(.user, [.text(text)] + pictures)],
                           answerSchema: schema, maximumAnswerTokens: tokens, temperature: 0.2, seed: 7)
    }
}

extension AnswerSchema {
    static let caption = AnswerSchema(name: "caption", json: #"{"type":"object","properties":{"title":{"type":"string"},"frames":{"type":"array","items":{"type":"integer","minimum":3},"minItems":2,"maxItems":2}},"required":["title","frames"],"additionalProperties":false}"#)
}

extension Endpoint {
    static func named(_ name: String = "main", url: String = "http://127.0.0.1:9/v1", key: String? = nil, weight: Int = 1, dialect: Dialect = .openai) -> Endpoint {
        Endpoint(name: name, baseURL: url, key: key.map(APIKey.init), weight: weight, dialect: dialect)
    }
}
