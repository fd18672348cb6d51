/// What kept an answer from being read.
public struct AnswerFault: Error, Hashable, Sendable {
    public var violation: Violation

    public init(_ rule: Violation.Rule, _ place: String, _ message: String) {
        violation = Violation(rule, place, message)
    }
}

/// Something that was put right in an answer without asking again.
public enum AnswerRepair: String, Hashable, Sendable, Codable, CaseIterable {
    /// The JSON stood in a fence of Markdown.
    case codeFence = "code_fence"
    /// Text stood before or after the JSON.
    case surroundingText = "surrounding_text"
    /// The model's thoughts stood before the JSON.
    case thoughts
    /// A comma before a closing bracket, none between two members, a comment, a word of another language (`True`, `None`).
    case syntax
    /// Line feeds and other control characters stood raw in a string.
    case rawCharacters = "raw_characters"
    /// Marks, white space, sentences too many or without ground were taken out of the words.
    case words
}
