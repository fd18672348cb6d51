/// Cuts added tokens out of a text: the leftmost first, and of those that begin at one place the longest.
struct AddedTokenScanner: Sendable {
    enum Part: Equatable {
        case token(Int32)
        case text(String)
    }

    /// By their first bytes, the longest first.
    private let tokens: [UInt8: [(bytes: [UInt8], token: AddedToken)]]

    init(_ tokens: [AddedToken]) {
        let all = tokens.map { (bytes: Array($0.content.utf8), token: $0) }
        self.tokens = Dictionary(grouping: all) { $0.bytes.first ?? 0 }.mapValues { $0.sorted { $0.bytes.count > $1.bytes.count } }
    }

    func split(_ text: String) -> [Part] {
        let bytes = Array(text.utf8)
        var parts: [(text: String, token: AddedToken?)] = []
        var start = 0, at = 0
        while at < bytes.count {
            guard let found = tokens[bytes[at]]?.first(where: { bytes[at...].starts(with: $0.bytes) }) else {
                at += 1
                continue
            }
            if at > start { parts.append((String(decoding: bytes[start ..< at], as: UTF8.self), nil)) }
            parts.append((found.token.content, found.token))
            at += found.bytes.count
            start = at
        }
        if start < bytes.count { parts.append((String(decoding: bytes[start...], as: UTF8.self), nil)) }
        return stripped(parts).compactMap { part in
            if let token = part.token { return .token(token.id) }
            return part.text.isEmpty ? nil : .text(part.text)
        }
    }

    /// What tokens take of their neighbours, or give them, one after another.
    private func stripped(_ parts: [(text: String, token: AddedToken?)]) -> [(text: String, token: AddedToken?)] {
        var parts = parts
        for index in parts.indices {
            guard let token = parts[index].token else { continue }
            let left = index > 0 ? parts[index - 1].text : "", right = index + 1 < parts.count ? parts[index + 1].text : ""
            if token.stripsRight, !right.isEmpty { parts[index + 1].text = Self.strippedLeft(right) }
            if token.stripsLeft, !left.isEmpty { parts[index - 1].text = String(Self.strippedLeft(String(left.unicodeScalars.reversed().map(Character.init))).unicodeScalars.reversed().map(Character.init)) }
            guard token.isWholeWord else { continue }
            if !left.isEmpty, left.unicodeScalars.last != " " {
                parts[index - 1] = (parts[index - 1].text + token.content, nil)
                parts[index] = ("", nil)
            } else if !right.isEmpty, right.unicodeScalars.first != " " {
                parts[index + 1] = (token.content + parts[index + 1].text, nil)
                parts[index] = ("", nil)
            }
        }
        return parts
    }

    private static func strippedLeft(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.drop { $0.properties.isWhitespace || (0x1C ... 0x1F).contains($0.value) }))
    }
}
