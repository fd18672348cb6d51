/// Reads a prompt's file.
struct PromptParser {
    struct Header {
        var id: PromptID
        var stage: CaptionStage
        var answerTokens: Int
    }

    /// Bytes. The longest of ours has a few thousand.
    private static let longest = 256 * 1024
    private static let answerTokens = 16...32_768

    private let lines: [Substring]
    private let isTooLong: Bool
    private var place = 0

    init(_ text: String) {
        isTooLong = text.utf8.count > Self.longest
        lines = isTooLong ? [] : text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }

    mutating func header() throws(CaptionError) -> Header {
        guard !isTooLong else { throw CaptionError(.malformedPrompt, "the prompt is longer than \(Self.longest) bytes: shorten it") }
        var fields: [String: String] = [:]
        while place < lines.count, !lines[place].hasPrefix("[") {
            let line = lines[place]
            place += 1
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            guard let colon = line.firstIndex(of: ":") else { throw fault("is no header: expected 'name: value' or a section such as '[system]'") }
            let name = String(line[..<colon])
            guard ["name", "version", "stage", "answer-tokens"].contains(name) else { throw fault("has an unknown header '\(name)': use name, version, stage, answer-tokens") }
            guard fields.updateValue(line[line.index(after: colon)...].trimmingSpaces, forKey: name) == nil else { throw fault("repeats the header '\(name)'") }
        }
        guard let name = fields["name"], !name.isEmpty, name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }) else {
            throw fault("is the end of a header without a name of lower-case letters, digits and hyphens")
        }
        guard let version = fields["version"].flatMap({ Int($0) }), version > 0 else { throw fault("is the end of a header without a version of 1 or more") }
        guard let stage = fields["stage"].flatMap(CaptionStage.init) else {
            throw fault("is the end of a header without a stage: use one of \(CaptionStage.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let tokens = fields["answer-tokens"].flatMap({ Int($0) }), Self.answerTokens.contains(tokens) else {
            throw fault("is the end of a header without 'answer-tokens' of \(Self.answerTokens.lowerBound) to \(Self.answerTokens.upperBound)")
        }
        return Header(id: PromptID(name: name, version: version), stage: stage, answerTokens: tokens)
    }

    mutating func sections(of stage: CaptionStage) throws(CaptionError) -> [PromptTemplate.Section: [PromptTemplate.Node]] {
        var sections: [PromptTemplate.Section: [PromptTemplate.Node]] = [:]
        while place < lines.count {
            let line = lines[place]
            guard let section = Self.section(line) else { throw fault("is no section: use \(PromptTemplate.Section.allCases.map { "[\($0.rawValue)]" }.joined(separator: ", "))") }
            guard sections[section] == nil else { throw fault("repeats the section [\(section.rawValue)]") }
            let first = place + 1
            place = first
            while place < lines.count, Self.section(lines[place]) == nil { place += 1 }
            var nodes = PromptNodeParser(lines: lines[first..<place], vocabulary: stage.vocabulary(of: section))
            sections[section] = try nodes.parse()
        }
        for section in stage.sections where sections[section] == nil {
            throw CaptionError(.malformedPrompt, "the prompt lacks the section [\(section.rawValue)]: a prompt of '\(stage.rawValue)' has \(stage.sections.map { "[\($0.rawValue)]" }.joined(separator: ", "))")
        }
        for section in sections.keys where !stage.sections.contains(section) {
            throw CaptionError(.malformedPrompt, "the prompt has the section [\(section.rawValue)], which '\(stage.rawValue)' has no use for: remove it")
        }
        return sections
    }

    private static func section(_ line: Substring) -> PromptTemplate.Section? {
        PromptTemplate.Section.allCases.first { line.trimmingSpaces == "[\($0.rawValue)]" }
    }

    private func fault(_ message: String) -> CaptionError {
        CaptionError(.malformedPrompt, "line \(min(place + 1, max(lines.count, 1))) of the prompt \(message)")
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmingSpaces: String {
        var part = self[...]
        while part.first?.isWhitespace == true { part.removeFirst() }
        while part.last?.isWhitespace == true { part.removeLast() }
        return String(part)
    }
}
