import Crypto

/// The marks around untrusted text in one request. The key is made of all that the request says, so that a text cannot know the key of the request
/// that it will stand in; and ``UntrustedText`` has no `<` at all, so that no text can hold a mark even if it did.
struct DataFence: Sendable {
    let key: String

    init(_ facts: PromptFacts, prompt: PromptID) {
        var bytes: [UInt8] = Array(prompt.description.utf8)
        for text in facts.allTexts {
            bytes.append(0)
            bytes += text.utf8
        }
        key = SHA256.hash(data: bytes).prefix(6).hex
    }

    func block(_ name: String, _ data: UntrustedText) -> String {
        let note = data.cutFrom.map { "\n(cut here: the whole has \($0) bytes)" } ?? ""
        return "<data \(name) \(key)>\n\(data.text)\n</data \(name) \(key)>\(note)"
    }
}

extension Sequence<UInt8> {
    /// Lower-case hexadecimal.
    var hex: String {
        let digits = Array("0123456789abcdef")
        var text = ""
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }
}
