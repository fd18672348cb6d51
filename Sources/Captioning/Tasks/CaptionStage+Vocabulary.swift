extension CaptionStage {
    /// The sections that a prompt of the stage has.
    var sections: [PromptTemplate.Section] {
        switch self {
        case .musicCaption, .lyrics, .unifiedCaption, .mvType: [.system, .user, .again]
        case .frameCaptions, .description: PromptTemplate.Section.allCases
        }
    }

    /// The names that a section may use. The system section is the same for every clip, so that servers keep it.
    func vocabulary(of section: PromptTemplate.Section) -> PromptVocabulary {
        let constants = PromptFacts.constants.values.mapValues { _ in PromptVocabulary.Kind.text }
        var names: [String: PromptVocabulary.Kind] = switch section {
        case .system: [:]
        case .user: facts
        case .again: PromptFacts.againVocabulary
        case .frames: facts.merging(PromptFacts.keptVocabulary) { own, _ in own }
        }
        names.merge(constants) { own, _ in own }
        return PromptVocabulary(names)
    }

    private var facts: [String: PromptVocabulary.Kind] {
        switch self {
        case .musicCaption:
            merged(PromptFacts.musicVocabulary, PromptFacts.catalogueVocabulary, ["has_audio": .flag, "audio": .media])
        case .lyrics: ["lyrics": .data, "language": .text]
        case .unifiedCaption: merged(PromptFacts.musicVocabulary, ["caption": .data])
        case .mvType, .frameCaptions: PromptFacts.pictureVocabulary
        case .description: merged(PromptFacts.musicVocabulary, PromptFacts.catalogueVocabulary, DescriptionTask.vocabulary)
        }
    }

    private func merged(_ parts: [String: PromptVocabulary.Kind]...) -> [String: PromptVocabulary.Kind] {
        parts.reduce(into: [:]) { $0.merge($1) { own, _ in own } }
    }
}

extension PromptFacts {
    /// Names for what was wrong with an answer.
    static let againVocabulary: [String: PromptVocabulary.Kind] = ["faults": .data, "is_cut": .flag, "is_unreadable": .flag, "is_refused": .flag]

    /// Faults that are named; a hundred would help no more.
    private static let mostFaults = 40

    static func again(_ violations: [Violation]) -> PromptFacts {
        let lines = violations.map { "\($0.place): \($0.message)" }
        func has(_ rules: Violation.Rule...) -> Bool { violations.contains { rules.contains($0.rule) && $0.place == "answer" } }
        return PromptFacts([
            "faults": .data(UntrustedText(lines: lines, lineLimit: 240, count: mostFaults)),
            "is_cut": .flag(has(.cut, .flood)), "is_unreadable": .flag(has(.json)), "is_refused": .flag(has(.refusal)),
        ])
    }
}
