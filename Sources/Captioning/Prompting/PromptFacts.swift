/// What a prompt's names stand for, for one clip.
public struct PromptFacts: Hashable, Sendable {
    public indirect enum Value: Hashable, Sendable {
        /// Words that code has chosen.
        case text(String)
        /// Text that others wrote: lyrics, tags, what a model wrote before. It is written between the marks of a ``DataFence`` and nowhere else.
        case data(UntrustedText)
        case flag(Bool)
        case list([PromptFacts])
        case media(PromptRequest.Part)
    }

    public private(set) var values: [String: Value] = [:]

    public init(_ values: [String: Value] = [:]) {
        self.values = values
    }

    public subscript(name: String) -> Value? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// These and, under names that are not here, others.
    func merging(_ others: PromptFacts) -> PromptFacts {
        PromptFacts(values.merging(others.values) { own, _ in own })
    }

    /// All texts in an order that is the same every time.
    var allTexts: [String] {
        values.sorted { $0.key < $1.key }.flatMap { name, value -> [String] in
            switch value {
            case .text(let text): [name, text]
            case .data(let data): [name, data.text]
            case .flag(let flag): [name, String(flag)]
            case .list(let items): [name] + items.flatMap(\.allTexts)
            case .media(let part): [name, "\(part)"]
            }
        }
    }
}

/// The names that a prompt may use, and what they stand for.
public struct PromptVocabulary: Hashable, Sendable {
    public indirect enum Kind: Hashable, Sendable {
        case text, data, flag, media
        /// Of items with names of their own; the outer names hold inside too.
        case list(PromptVocabulary)
    }

    public var names: [String: Kind]

    public init(_ names: [String: Kind]) {
        self.names = names
    }

    func merging(_ others: PromptVocabulary) -> PromptVocabulary {
        PromptVocabulary(names.merging(others.names) { own, _ in own })
    }

    /// All names, for messages.
    var list: String { names.keys.sorted().joined(separator: ", ") }
}
