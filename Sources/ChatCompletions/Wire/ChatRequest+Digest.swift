import Crypto
import NIOCore

extension ChatRequest {
    /// SHA-256 over all that can change the answer, media by their digests: the same wherever and however the request is sent.
    ///
    /// What is digested has a version: it never changes without a new one, because answers that were paid for are found by it.
    public var digest: [UInt8] {
        var json = JSONText()
        json.raw("mvfleet.chat.1\n")
        json.open("model")
        json.string(model)
        json.member("messages")
        json.raw("[")
        for (index, message) in messages.enumerated() {
            json.raw(index > 0 ? ",{\"role\":" : "{\"role\":")
            json.string(message.role.rawValue)
            json.member("parts")
            json.raw("[")
            for (index, part) in message.parts.enumerated() {
                if index > 0 { json.raw(",") }
                part.describe(to: &json)
            }
            json.raw("]}")
        }
        json.raw("]")
        if let answerSchema {
            json.member("schema")
            json.open("name")
            json.string(answerSchema.name)
            json.member("json")
            json.string(answerSchema.json)
            json.raw("}")
        }
        json.member("maximum_answer_tokens")
        json.number(maximumAnswerTokens)
        if let temperature { json.raw(",\"temperature\":\(temperature)") }
        if let topP { json.raw(",\"top_p\":\(topP)") }
        if let seed { json.raw(",\"seed\":\(seed)") }
        json.raw("}")
        return json.buffer.withUnsafeReadableBytes { Array(SHA256.hash(data: $0)) }
    }
}

extension ChatMessage.Part {
    fileprivate func describe(to json: inout JSONText) {
        switch self {
        case .text(let text):
            json.open("text")
            json.string(text)
        case .image(let media, let detail):
            json.open("image")
            json.string(media.sha256)
            json.member("type")
            json.string(media.mediaType)
            json.member("detail")
            json.string(detail.rawValue)
        case .audio(let media, let format):
            json.open("audio")
            json.string(media.sha256)
            json.member("format")
            json.string(format)
        }
        json.raw("}")
    }
}
