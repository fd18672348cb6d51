import ChatCompletions
import FleetModel

/// A chat request as the ledger keeps it until its batch is packed: media are named by their digests, and lie in the blob store.
struct StoredChatRequest: Codable, Sendable {
    struct Message: Codable {
        var role: ChatMessage.Role
        var parts: [Part]
    }

    struct Part: Codable {
        var text: String?
        var image: Media?
        var detail: ImageDetail?
        var audio: Media?
        var format: String?
    }

    struct Media: Codable {
        var sha256: String
        var type: String
        var bytes: Int
        var width: Int
        var height: Int
        var seconds: Double

        init(_ media: ChatMedia) {
            sha256 = media.sha256
            type = media.mediaType
            bytes = media.byteCount
            width = media.width
            height = media.height
            seconds = media.seconds
        }

        func media(_ blobs: BlobStore) -> ChatMedia {
            let sha256 = sha256
            return ChatMedia(sha256: sha256, mediaType: type, byteCount: bytes, width: width, height: height, seconds: seconds) {
                guard let digest = Digest(hex: sha256) else { throw FleetError("ledger.corrupt", "a request names a blob '\(sha256)', which is no digest") }
                return try blobs.get(digest)
            }
        }
    }

    struct Schema: Codable {
        var name: String
        var json: String
    }

    var model: String
    var messages: [Message]
    var schema: Schema?
    var tokens: Int
    var temperature: Double?
    var topP: Double?
    var seed: Int?

    init(_ request: ChatRequest) {
        model = request.model
        messages = request.messages.map { message in
            Message(role: message.role, parts: message.parts.map { part in
                switch part {
                case .text(let text): Part(text: text)
                case .image(let media, let detail): Part(image: Media(media), detail: detail)
                case .audio(let media, let format): Part(audio: Media(media), format: format)
                }
            })
        }
        schema = request.answerSchema.map { Schema(name: $0.name, json: $0.json) }
        tokens = request.maximumAnswerTokens
        temperature = request.temperature
        topP = request.topP
        seed = request.seed
    }

    func request(_ blobs: BlobStore) -> ChatRequest {
        ChatRequest(model: model, messages: messages.map { message in
            ChatMessage(message.role, message.parts.compactMap { part in
                if let image = part.image { return .image(image.media(blobs), detail: part.detail ?? .auto) }
                if let audio = part.audio { return .audio(audio.media(blobs), format: part.format ?? "wav") }
                return part.text.map { .text($0) }
            })
        }, answerSchema: schema.map { AnswerSchema(name: $0.name, json: $0.json) }, maximumAnswerTokens: tokens, temperature: temperature, topP: topP, seed: seed)
    }

    /// Sees to it that the blob store has all that the request carries.
    static func keepMedia(of request: ChatRequest, in blobs: BlobStore) async throws {
        for part in request.messages.flatMap(\.parts) {
            let media: ChatMedia
            switch part {
            case .text: continue
            case .image(let image, _): media = image
            case .audio(let audio, _): media = audio
            }
            if let digest = Digest(hex: media.sha256), BlobStore.Status(blobs.path(of: digest)) != nil { continue }
            let stored = try blobs.put(try await media.load())
            guard stored.hex == media.sha256 else {
                throw FleetError("llm.media", "\(media.mediaType) of a request is not what its digest says: it was changed since the request was made", isRetriable: true)
            }
        }
    }
}
