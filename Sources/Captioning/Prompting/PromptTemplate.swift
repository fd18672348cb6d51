import Crypto

/// A versioned prompt, read from its file.
///
///     name: frame-captions
///     version: 1
///     stage: frame-captions
///     answer-tokens: 2400
///
///     [system]
///     The same for every clip: only constants may stand in here, such as {{title_words}}.
///     [user]
///     {{#if has_sheet}}One picture shows all frames.{{else}}…{{/if}}
///     {{#each frames}}Frame {{index}} {{picture}}
///     {{/each}}
///     [again]
///     What the model is told when its answer does not hold.
///     [frames]
///     The user's message where only some frames are asked for again.
///
/// A name stands for a fact, by the kind of which it is written: words as they are, data that others wrote between the marks of a fence, pictures
/// and sound as parts of the message. What a fact says is never read as template. Names that the stage does not have are errors when the file is
/// read. A line with nothing but a tag of a block leaves no line behind.
public struct PromptTemplate: Hashable, Sendable {
    public enum Section: String, Hashable, Sendable, CaseIterable { case system, user, again, frames }

    /// One piece of a section.
    indirect enum Node: Hashable, Sendable {
        case literal(String)
        case fact(String)
        case conditional(String, [Node], otherwise: [Node])
        case each(String, [Node])
    }

    public let id: PromptID
    public let stage: CaptionStage
    /// The most tokens of an answer.
    public let answerTokens: Int
    /// The file's text.
    public let text: String
    let sections: [Section: [Node]]

    /// SHA-256 of the file's bytes, lower-case hexadecimal: part of the recipe.
    public var digest: String { SHA256.hash(data: Array(text.utf8)).hex }

    /// - Throws: `CaptionError.Code.malformedPrompt` with the line at fault.
    public init(parsing text: String) throws(CaptionError) {
        var parser = PromptParser(text)
        let header = try parser.header()
        let sections = try parser.sections(of: header.stage)
        self.init(header, sections: sections, text: text)
    }

    private init(_ header: PromptParser.Header, sections: [Section: [Node]], text: String) {
        id = header.id
        stage = header.stage
        answerTokens = header.answerTokens
        self.sections = sections
        self.text = text
    }
}
