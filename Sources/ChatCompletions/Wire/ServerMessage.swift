import Foundation

/// What a server says went wrong, in any of the shapes that are about: `{"error":{…}}`, `{"error":"…"}`, `{"detail":…}`, `{"message":…}`, or no JSON at all.
package struct ServerMessage: Decodable {
    package var text: String?
    package var type: String?
    /// A string, a number, or nothing, as servers have it.
    package var code: String?

    private enum Keys: String, CodingKey { case message, type, code, error, detail, msg }

    init(text: String?) { self.text = text }

    package init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            self.text = text
            return
        }
        if let several = try? decoder.singleValueContainer().decode([ServerMessage].self), let first = several.first {
            self = first
            return
        }
        let values = try decoder.container(keyedBy: Keys.self)
        for key in [Keys.error, .detail] where values.contains(key) {
            guard let inner = try? values.decode(ServerMessage.self, forKey: key) else { continue }
            self = inner
            return
        }
        text = (try? values.decode(String.self, forKey: .message)) ?? (try? values.decode(String.self, forKey: .msg))
        type = try? values.decode(String.self, forKey: .type)
        code = (try? values.decode(String.self, forKey: .code)) ?? (try? values.decode(Int.self, forKey: .code)).map(String.init)
    }

    /// From the beginning of an error's body.
    package init(body: [UInt8]) {
        if let message = try? JSONDecoder().decode(ServerMessage.self, from: Data(body)), message.text != nil || message.code != nil || message.type != nil {
            self = message
        } else {
            text = String(decoding: body.prefix(2000), as: UTF8.self)
        }
    }

    /// One printable line of at most 300 characters without anything of the key.
    package func line(without key: APIKey?) -> String? {
        let named = [code ?? type, text].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
        let whole = key?.redacting(named) ?? named
        let printable = String(whole.unicodeScalars.prefix(1200).map { $0.properties.generalCategory == .control || $0.properties.isBidiControl ? " " : Character($0) })
        let words = printable.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.isEmpty ? nil : words.count > 300 ? words.prefix(299) + "…" : words
    }
}

extension APIKey {
    /// Shorter parts of a key are not worth hiding, and are words by chance.
    private static let shortestPart = 6

    /// `text` with every part of the key that is six bytes or longer replaced: servers cut and mask the keys that they complain of.
    package func redacting(_ text: String) -> String {
        let key = Array(secret.utf8), bytes = Array(text.utf8)
        guard !key.isEmpty else { return text }
        let shortest = min(Self.shortestPart, key.count)
        var kept: [UInt8] = [], index = 0
        kept.reserveCapacity(bytes.count)
        while index < bytes.count {
            let common = longestPart(of: key, at: index, in: bytes)
            if common >= shortest {
                kept.append(contentsOf: "(key)".utf8)
                index += common
            } else {
                kept.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: kept, as: UTF8.self)
    }

    private func longestPart(of key: [UInt8], at start: Int, in text: [UInt8]) -> Int {
        var longest = 0
        for offset in key.indices where key[offset] == text[start] {
            var length = 1
            while offset + length < key.count, start + length < text.count, key[offset + length] == text[start + length] { length += 1 }
            longest = max(longest, length)
        }
        return longest
    }
}
