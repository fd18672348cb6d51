/// Texts from outside made safe to stand in a card: none of them can end its line, its table cell, its code span or the front matter.
enum CardText {
    /// A YAML double-quoted scalar.
    static func quoted(_ text: String) -> String {
        "\"" + mapped(text) { $0 == "\\" || $0 == "\"" ? ["\\", $0] : [$0] } + "\""
    }

    /// Markdown text on one line: nothing in it is a tag, a link or a table's cell border.
    static func plain(_ text: String) -> String {
        let special: Set<Unicode.Scalar> = ["\\", "`", "*", "_", "[", "]", "<", ">", "|", "#"]
        return mapped(text) { special.contains($0) ? ["\\", $0] : [$0] }
    }

    /// The inside of a code span, also in a table's cell.
    static func code(_ text: String) -> String {
        mapped(text) { $0 == "`" ? ["'"] : $0 == "|" ? ["/"] : [$0] }
    }

    /// Without line breaks and invisible characters; each becomes a space.
    static func line(_ text: String) -> String {
        mapped(text) { [$0] }
    }

    /// By scalars, not by characters: a mark that combines with a quote must not hide it.
    private static func mapped(_ text: String, _ replacement: (Unicode.Scalar) -> [Unicode.Scalar]) -> String {
        var view = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: view.append(" ")
            default: view.append(contentsOf: replacement(scalar))
            }
        }
        return String(view)
    }

    static func typeName(_ type: FieldType) -> String {
        switch type {
        case .string: "string"
        case .int: "int64"
        case .float: "float64"
        case .bool: "bool"
        case .structure: "struct"
        case .list(let element): "list of \(typeName(element))"
        }
    }
}
