/// One paragraph, as a model wrote it.
public struct TextDraft: Hashable, Sendable {
    public var text: String

    public init(text: String) {
        self.text = text
    }

    package init(_ answer: JSONValue, member: String) throws(AnswerFault) {
        guard let text = answer[member]?.string, !text.allSatisfy(\.isWhitespace) else {
            throw AnswerFault(.json, "answer", "its '\(member)' is no text: write a paragraph there")
        }
        self.text = text
    }
}
