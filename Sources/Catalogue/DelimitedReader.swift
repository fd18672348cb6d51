import FleetModel

/// Records of a table: commas with quotes after RFC 4180 (line feeds inside quotes too), or tabs, where a quote is a quote unless it encloses
/// the whole field — titles such as `"Heroes" (live)` are common there.
struct DelimitedReader {
    enum Record {
        case fields([String])
        /// What is wrong with the record; it is skipped.
        case unusable(cause: String)
    }

    private var lines: LineReader
    private let separator: UInt8
    /// The line that the record read last began at, from 1.
    private(set) var line = 0
    let header: [String]

    /// Opens the file and reads its header, from which the separator is told.
    init(path: String, name: String) throws(FleetError) {
        var lines = try LineReader(path: path)
        guard case .text(let first)? = try lines.next(), let text = String(validating: first, as: UTF8.self), !text.isEmpty else {
            throw FleetError("catalogue.no_header", "'\(name)' has no header in UTF-8: its first line must name the columns")
        }
        separator = text.utf8.contains(9) ? 9 : 44
        line = 1
        self.lines = lines
        header = Self.header(first, separator: separator)
    }

    private static func header(_ line: [UInt8], separator: UInt8) -> [String] {
        var fields: [[UInt8]] = []
        if separator == 9 { fields = tabFields(line) } else { var parser = QuotedFields(); _ = parser.add(line); fields = parser.fields }
        return fields.map { String(decoding: $0, as: UTF8.self).lowercased().filter { !$0.isWhitespace } }
    }

    mutating func next() throws(FleetError) -> Record? {
        while true {
            guard let read = try lines.next() else { return nil }
            line = lines.number
            guard case .text(let bytes) = read else { return .unusable(cause: "the line is longer than \(LineReader.longestLine) bytes") }
            if bytes.isEmpty { continue }
            return separator == 9 ? strings(Self.tabFields(bytes)) : try quotedRecord(bytes)
        }
    }

    private mutating func quotedRecord(_ first: [UInt8]) throws(FleetError) -> Record {
        var parser = QuotedFields()
        var isComplete = parser.add(first)
        while !isComplete {
            guard let read = try lines.next() else { return .unusable(cause: "a quote is opened and never closed") }
            guard case .text(let bytes) = read, parser.size + bytes.count <= LineReader.longestLine else {
                return .unusable(cause: "the record is longer than \(LineReader.longestLine) bytes; a quote may lack its partner")
            }
            isComplete = parser.add(bytes)
        }
        return strings(parser.fields)
    }

    private func strings(_ fields: [[UInt8]]) -> Record {
        var strings: [String] = []
        for field in fields {
            guard let text = String(validating: field, as: UTF8.self) else { return .unusable(cause: "the row is not UTF-8") }
            strings.append(text)
        }
        return .fields(strings)
    }

    private static func tabFields(_ line: [UInt8]) -> [[UInt8]] {
        line.split(separator: 9, omittingEmptySubsequences: false).map { field in
            guard field.count >= 2, field.first == 34, field.last == 34 else { return Array(field) }
            var parser = QuotedFields(separator: 9)
            // A lone quote inside means that the outer ones are part of the text.
            return parser.add(Array(field)) && parser.isClean && parser.fields.count == 1 ? parser.fields[0] : Array(field)
        }
    }
}

/// RFC 4180, fed line by line.
struct QuotedFields {
    private enum State { case start, plain, quoted, closed }

    private let separator: UInt8
    private var state = State.start
    private var field: [UInt8] = []
    private(set) var fields: [[UInt8]] = []
    /// Bytes taken so far.
    private(set) var size = 0
    /// False where text follows a closing quote.
    private(set) var isClean = true

    init(separator: UInt8 = 44) {
        self.separator = separator
    }

    /// - Returns: true where the record is complete, false where the line ended inside quotes.
    mutating func add(_ line: [UInt8]) -> Bool {
        if state == .quoted { field.append(10) }
        size += line.count + 1
        for byte in line {
            switch (state, byte) {
            case (.quoted, 34): state = .closed
            case (.quoted, _): field.append(byte)
            case (.start, 34): state = .quoted
            case (.closed, 34):
                field.append(34)
                state = .quoted
            case (_, separator): close()
            default:
                if state == .closed { isClean = false }
                field.append(byte)
                state = .plain
            }
        }
        if state == .quoted { return false }
        close()
        return true
    }

    private mutating func close() {
        fields.append(field)
        field = []
        state = .start
    }
}
