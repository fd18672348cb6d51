/// A task whose answer is one paragraph: one member of a JSON object, within bounds of words.
public protocol ParagraphTask: CaptionTask where Draft == TextDraft {
    /// What the answer's schema is called.
    static var answerName: String { get }
    /// The member that holds the paragraph; violations name it as their place.
    static var member: String { get }
    static var words: ClosedRange<Int> { get }

    /// All that is wrong with a text, its length included.
    func faults(in text: String) -> [Violation]
}

extension ParagraphTask {
    public func form(frames: [Int]?) -> AnswerForm { AnswerForm(name: Self.answerName, members: [.init(Self.member, .string)]) }

    public func draft(from answer: JSONValue, frames: [Int]?) throws(AnswerFault) -> TextDraft { try TextDraft(answer, member: Self.member) }

    public func tidied(_ draft: TextDraft) -> TextDraft {
        let text = Prose.grounded(Prose.paragraph(draft.text), in: Self.words) { text in faults(in: text).filter { $0.rule != .words } }
        return TextDraft(text: Prose.shortened(text, to: Self.words))
    }

    public func violations(in draft: TextDraft) -> [Violation] { faults(in: draft.text) }
}
