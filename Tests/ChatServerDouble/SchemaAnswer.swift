/// A value that a JSON schema takes, the smallest that comes to mind: the same for the same schema and words.
struct SchemaAnswer {
    /// Words that strings are made of.
    private static let words = ["soft", "light", "falls", "over", "quiet", "streets", "while", "slow", "drums", "carry", "the", "evening", "toward", "a", "distant", "shore"]

    let definitions: JSONValue?
    private var turn: Int

    init(_ schema: JSONValue, seed: Int) {
        definitions = schema["$defs"] ?? schema["definitions"]
        turn = abs(seed % Self.words.count)
    }

    static func value(_ schema: JSONValue, seed: Int) -> JSONValue {
        var answer = SchemaAnswer(schema, seed: seed)
        return answer.value(schema, depth: 0)
    }

    private mutating func value(_ schema: JSONValue, depth: Int) -> JSONValue {
        guard depth < 32 else { return .null }
        if let constant = schema["const"] { return constant }
        if let choices = schema["enum"]?.items, !choices.isEmpty { return choices[next() % choices.count] }
        for key in ["anyOf", "oneOf", "allOf"] {
            if let first = schema[key]?.items?.first { return value(first, depth: depth + 1) }
        }
        if let reference = schema["$ref"]?.text, let name = reference.split(separator: "/").last, let target = definitions?[String(name)] {
            return value(target, depth: depth + 1)
        }
        let type = schema["type"]?.text ?? schema["type"]?.items?.compactMap(\.text).first { $0 != "null" } ?? (schema["properties"] == nil ? "string" : "object")
        switch type {
        case "object":
            return .object((schema["properties"]?.members ?? []).map { JSONValue.Member(name: $0.name, value: value($0.value, depth: depth + 1)) })
        case "array":
            let count = max(schema["minItems"]?.integer ?? 1, min(1, schema["maxItems"]?.integer ?? 1))
            let item = schema["items"] ?? .object([:])
            return .array((0..<count).map { _ in value(item, depth: depth + 1) })
        case "integer": return .integer(Int(number(schema).rounded(.up)))
        case "number": return .number(number(schema))
        case "boolean": return .bool(next() % 2 == 0)
        case "null": return .null
        default: return .string(string(schema))
        }
    }

    private mutating func next() -> Int {
        turn += 1
        return turn
    }

    private func number(_ schema: JSONValue) -> Double {
        if let least = schema["minimum"]?.number { return least }
        if let above = schema["exclusiveMinimum"]?.number { return above + 1 }
        return min(schema["maximum"]?.number ?? 1, 1)
    }

    private mutating func string(_ schema: JSONValue) -> String {
        let least = schema["minLength"]?.integer ?? 0
        var text = ""
        repeat {
            if !text.isEmpty { text += " " }
            text += (0..<8).map { _ in Self.words[next() % Self.words.count] }.joined(separator: " ")
        } while text.count < least
        return schema["maxLength"]?.integer.map { String(text.prefix(max(least, $0))) } ?? text
    }
}
