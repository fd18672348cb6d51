import Captioning
import ChatCompletions
import Fleet
import FleetModel
import VisualAnalysis

/// The pictures and the sound that a clip's requests may carry, by what prompts call them.
struct PromptMedia: Sendable {
    /// By the frame's index, 1…15.
    var frames: [Int: ChatMedia] = [:]
    var contactSheet: ChatMedia?
    var audio: ChatMedia?

    init() {}

    /// The frames that a clip's `frames` result names, read from the blob store when a request is written.
    init(_ output: FramesOutput, in blobs: BlobStore) {
        for (position, (frame, blob)) in zip(output.report.frames, output.blobs).enumerated() {
            frames[position + 1] = ChatMedia(blob, in: blobs, mediaType: "image/jpeg", width: frame.width, height: frame.height)
        }
        if let sheet = output.contactSheet, let first = output.report.frames.first {
            // Five a row, as the sampler lays them out.
            let rows = (output.report.frames.count + 4) / 5
            contactSheet = ChatMedia(sheet, in: blobs, mediaType: "image/jpeg", width: first.width * 5, height: first.height * rows)
        }
    }
}

extension ChatMedia {
    init(_ blob: Digest, in blobs: BlobStore, mediaType: String, width: Int = 0, height: Int = 0, seconds: Double = 0) {
        self.init(sha256: blob.hex, mediaType: mediaType, byteCount: blobs.size(of: blob) ?? 0, width: width, height: height, seconds: seconds) { try blobs.get(blob) }
    }
}

extension ChatRequest {
    /// A prompt bound to a model and to a clip's media.
    ///
    /// - Throws: `stage.input` where the prompt shows what the clip's results do not hold.
    init(_ prompt: PromptRequest, model: String, recipe: LanguageModelRecipe, media: PromptMedia) throws(FleetError) {
        var messages: [ChatMessage] = []
        for message in prompt.messages {
            var parts: [ChatMessage.Part] = []
            for part in message.parts {
                switch part {
                case .text(let text): parts.append(.text(text))
                case .frame(let index):
                    guard let frame = media.frames[index] else { throw FleetError("stage.input", "the prompt shows frame \(index), and the clip's frames have none of that number: raise the version of 'frames'") }
                    parts.append(.image(frame, detail: recipe.detail))
                case .contactSheet:
                    guard let sheet = media.contactSheet else {
                        throw FleetError("stage.input", "the prompt shows the contact sheet, and the clip's frames were sampled without one: give --recipe 'frames={\"contact_sheet\":true}'")
                    }
                    parts.append(.image(sheet, detail: recipe.detail))
                case .audio:
                    guard let audio = media.audio else { throw FleetError("stage.input", "the prompt plays the clip's sound, and there is none at hand") }
                    parts.append(.audio(audio, format: "wav"))
                }
            }
            messages.append(ChatMessage(ChatMessage.Role(message.role), parts))
        }
        self.init(model: model, messages: messages, answerSchema: prompt.schema.map { AnswerSchema(name: $0.name, json: $0.json) },
                  maximumAnswerTokens: prompt.maximumAnswerTokens, temperature: recipe.temperature, topP: recipe.topP, seed: recipe.seed)
    }
}

extension ChatMessage.Role {
    fileprivate init(_ role: PromptRequest.Role) {
        switch role {
        case .system: self = .system
        case .user: self = .user
        case .assistant: self = .assistant
        }
    }
}
