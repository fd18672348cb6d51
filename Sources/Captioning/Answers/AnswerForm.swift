/// The form of an answer: a JSON schema as servers of structured output take it, built by code so that the same task has the same bytes.
///
/// Every property is required and no others are allowed; there are far fewer than 100 properties and 5 levels, which some servers have as bounds.
public struct AnswerForm: Hashable, Sendable {
    indirect enum Shape: Hashable, Sendable {
        case string
        case oneOf([String])
        case oneOfNumbers([Int])
        case number
        case list(Shape, count: ClosedRange<Int>)
        case object([Member])
    }

    struct Member: Hashable, Sendable {
        var name: String
        var shape: Shape

        init(_ name: String, _ shape: Shape) {
            self.name = name
            self.shape = shape
        }
    }

    let name: String
    let members: [Member]

    /// The names that an answer has.
    public var required: [String] { members.map(\.name) }

    public var schema: PromptRequest.Schema { PromptRequest.Schema(name: name, json: Self.json(.object(members))) }

    private static func json(_ shape: Shape) -> String {
        switch shape {
        case .string: return #"{"type":"string"}"#
        case .oneOf(let names): return #"{"type":"string","enum":[\#(names.map(JSONValue.quoted).joined(separator: ","))]}"#
        case .oneOfNumbers(let numbers): return #"{"type":"integer","enum":[\#(numbers.map { String($0) }.joined(separator: ","))]}"#
        case .number: return #"{"type":"number"}"#
        case .list(let item, let count): return #"{"type":"array","items":\#(json(item)),"minItems":\#(count.lowerBound),"maxItems":\#(count.upperBound)}"#
        case .object(let members):
            let properties = members.map { "\(JSONValue.quoted($0.name)):\(json($0.shape))" }.joined(separator: ",")
            let names = members.map { JSONValue.quoted($0.name) }.joined(separator: ",")
            return #"{"type":"object","properties":{\#(properties)},"required":[\#(names)],"additionalProperties":false}"#
        }
    }
}
