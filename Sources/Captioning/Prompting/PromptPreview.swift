/// Exactly what would be sent, as text: for people who look at a prompt or compare two.
public struct PromptPreview: Hashable, Sendable, CustomStringConvertible {
    public let request: PromptRequest

    public init(_ request: PromptRequest) {
        self.request = request
    }

    public var description: String {
        var lines = ["prompt: \(request.prompt)", "answer tokens: at most \(request.maximumAnswerTokens)"]
        if let schema = request.schema { lines.append("answer schema: \(schema.name) \(schema.json)") }
        for message in request.messages {
            lines += ["", "=== \(message.role.rawValue) ==="]
            for part in message.parts {
                switch part {
                case .text(let text): lines += text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
                case .frame(let index): lines.append("[picture: frame \(index)]")
                case .contactSheet: lines.append("[picture: contact sheet of all frames]")
                case .audio: lines.append("[sound of the clip]")
                }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
