/// Reads the text of one section into pieces, and holds its names against those that the stage has.
struct PromptNodeParser {
    typealias Node = PromptTemplate.Node

    private struct Open {
        enum Kind { case root, conditional(String, isNegated: Bool), each(String) }
        var kind: Kind
        var line: Int
        var vocabulary: PromptVocabulary
        var nodes: [Node] = []
        /// What stood before `{{else}}`.
        var first: [Node]?
    }

    private let lines: ArraySlice<Substring>
    private var open: [Open]

    init(lines: ArraySlice<Substring>, vocabulary: PromptVocabulary) {
        self.lines = lines
        open = [Open(kind: .root, line: lines.startIndex, vocabulary: vocabulary)]
    }

    mutating func parse() throws(CaptionError) -> [Node] {
        for (place, line) in zip(lines.indices, lines) {
            let bare = line.trimmingSpaces
            // A tag of a block by itself leaves no line.
            if bare.hasPrefix("{{"), bare.hasSuffix("}}"), !bare.dropFirst(2).contains("{{"), let first = bare.dropFirst(2).first, first == "#" || first == "/" || bare == "{{else}}" {
                try tag(String(bare.dropFirst(2).dropLast(2)), place)
            } else {
                try inline(line, place)
                add(.literal("\n"))
            }
        }
        guard open.count == 1 else { throw fault(open[open.count - 1].line, "opens a block that is not closed: end it with '{{/if}}' or '{{/each}}'") }
        return Self.trimmed(open[0].nodes)
    }

    private mutating func inline(_ line: Substring, _ place: Int) throws(CaptionError) {
        var rest = line
        while let start = rest.firstRange(of: "{{") {
            add(.literal(String(rest[..<start.lowerBound])))
            guard let end = rest[start.upperBound...].firstRange(of: "}}") else { throw fault(place, "has '{{' without '}}'") }
            try tag(rest[start.upperBound..<end.lowerBound].trimmingSpaces, place)
            rest = rest[end.upperBound...]
        }
        if rest.contains("}}") { throw fault(place, "has '}}' without '{{'") }
        add(.literal(String(rest)))
    }

    private mutating func tag(_ tag: String, _ place: Int) throws(CaptionError) {
        let words = tag.split(separator: " ").map(String.init)
        switch (words.first ?? "", words.count) {
        case ("#if", 2), ("#unless", 2):
            let kind = try kind(of: words[1], place)
            if case .media = kind { throw fault(place, "asks whether '\(words[1])' is there, which is a picture or a sound: ask for the flag beside it") }
            open.append(Open(kind: .conditional(words[1], isNegated: words[0] == "#unless"), line: place, vocabulary: open[open.count - 1].vocabulary))
        case ("#each", 2):
            guard case .list(let items) = try kind(of: words[1], place) else { throw fault(place, "repeats for '\(words[1])', which is no list") }
            open.append(Open(kind: .each(words[1]), line: place, vocabulary: items.merging(open[open.count - 1].vocabulary)))
        case ("else", 1):
            guard case .conditional = open[open.count - 1].kind, open[open.count - 1].first == nil else { throw fault(place, "has '{{else}}' outside of '{{#if}}'") }
            open[open.count - 1].first = open[open.count - 1].nodes
            open[open.count - 1].nodes = []
        case ("/if", 1), ("/unless", 1), ("/each", 1): try close(words[0], place)
        case (let name, 1) where name.first != "#" && name.first != "/":
            switch try kind(of: name, place) {
            case .text, .data, .media: add(.fact(name))
            case .flag: throw fault(place, "writes '\(name)', which is a yes or a no: use '{{#if \(name)}}'")
            case .list: throw fault(place, "writes '\(name)', which is a list: use '{{#each \(name)}}'")
            }
        default: throw fault(place, "has the tag '{{\(tag.prefix(60))}}', which is none: use {{name}}, {{#if name}}, {{#unless name}}, {{else}}, {{#each name}}, {{/if}}, {{/unless}}, {{/each}}")
        }
    }

    private mutating func close(_ tag: String, _ place: Int) throws(CaptionError) {
        let block = open[open.count - 1]
        let node: Node
        switch block.kind {
        case .conditional(let name, let isNegated) where tag == (isNegated ? "/unless" : "/if"):
            let (yes, no) = block.first.map { ($0, block.nodes) } ?? (block.nodes, [])
            node = isNegated ? .conditional(name, no, otherwise: yes) : .conditional(name, yes, otherwise: no)
        case .each(let name) where tag == "/each": node = .each(name, block.nodes)
        default: throw fault(place, "closes with '{{\(tag)}}' what is not open there")
        }
        open.removeLast()
        add(node)
    }

    private func kind(of name: String, _ place: Int) throws(CaptionError) -> PromptVocabulary.Kind {
        let vocabulary = open[open.count - 1].vocabulary
        guard let kind = vocabulary.names[name] else { throw fault(place, "uses '\(name)', which is not known there: use \(vocabulary.list)") }
        return kind
    }

    private mutating func add(_ node: Node) {
        if case .literal(let text) = node {
            if text.isEmpty { return }
            if case .literal(let before)? = open[open.count - 1].nodes.last {
                open[open.count - 1].nodes[open[open.count - 1].nodes.count - 1] = .literal(before + text)
                return
            }
        }
        open[open.count - 1].nodes.append(node)
    }

    private static func trimmed(_ nodes: [Node]) -> [Node] {
        var nodes = nodes
        if case .literal(let text)? = nodes.first { nodes[0] = .literal(String(text.drop(while: \.isWhitespace))) }
        if case .literal(var text)? = nodes.last {
            while text.last?.isWhitespace == true { text.removeLast() }
            nodes[nodes.count - 1] = .literal(text)
        }
        return nodes
    }

    private func fault(_ place: Int, _ message: String) -> CaptionError {
        CaptionError(.malformedPrompt, "line \(place + 1) of the prompt \(message)")
    }
}
