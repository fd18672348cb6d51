/// The paper's text form of a description: `Overview`, a paragraph, `Frame-by-frame Breakdown`, and one `1. **Title**: text` a line.
public struct DescriptionText: Hashable, Sendable {
    public struct Frame: Hashable, Sendable {
        public var index: Int
        public var title: String
        public var text: String

        public init(index: Int, title: String, text: String) {
            self.index = index
            self.title = title
            self.text = text
        }
    }

    public var overview: String
    public var frames: [Frame]

    public init(overview: String, frames: [Frame]) {
        self.overview = overview
        self.frames = frames
    }

    private static let overviewHeading = "Overview"
    private static let framesHeading = "Frame-by-frame Breakdown"
    /// Bytes. Fifteen frames of forty words come to a few thousand.
    private static let longest = 256 * 1024
    /// More lines than this are no breakdown of a clip.
    private static let mostFrames = 1000

    /// Ends with a line feed. White space inside texts is written as single spaces.
    public var rendered: String {
        let lines = frames.map { "\($0.index). **\(Self.plain($0.title))**: \(Self.plain($0.text))\n" }
        return "\(Self.overviewHeading)\n\(Self.plain(overview))\n\n\(Self.framesHeading)\n\(lines.joined())"
    }

    private static func plain(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ").replacing("**", with: "")
    }

    /// Reads the form back, from the rules or from a model: headings may be marked up (`## Overview`, `**Overview**:`), the colon may stand
    /// inside the asterisks, and text after the last frame is left out.
    ///
    /// - Throws: `CaptionError.Code.malformedText` with the line at fault.
    public init(parsing text: String) throws(CaptionError) {
        guard text.utf8.count <= Self.longest else {
            throw CaptionError(.malformedText, "the description is longer than \(Self.longest) bytes: it is cut off or no description")
        }
        enum Part { case before, overview, frames, after }
        var part = Part.before
        var overview: [String] = []
        var frames: [Frame] = []
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if Self.isHeading(line, Self.overviewHeading), part == .before {
                part = .overview
            } else if Self.isHeading(line, Self.framesHeading), part == .overview || part == .before {
                part = .frames
            } else if line.isEmpty {
                continue
            } else if part == .overview {
                overview.append(line)
            } else if part == .frames {
                if let frame = Self.frame(line) {
                    guard frames.count < Self.mostFrames else { throw CaptionError(.malformedText, "the description has more than \(Self.mostFrames) frames") }
                    frames.append(frame)
                } else if frames.isEmpty {
                    throw CaptionError(.malformedText, "line \(number + 1) of the description is no frame: expected '1. **Title**: text'")
                } else {
                    part = .after
                }
            } else if part == .after, Self.frame(line) != nil {
                throw CaptionError(.malformedText, "line \(number + 1) of the description is a frame after other text: frames stand together")
            }
        }
        guard part == .frames || part == .after, !overview.isEmpty else {
            throw CaptionError(.malformedText, "the description lacks '\(overview.isEmpty ? Self.overviewHeading : Self.framesHeading)': both headings and their texts are needed")
        }
        self.init(overview: overview.joined(separator: " "), frames: frames)
    }

    private static func isHeading(_ line: String, _ heading: String) -> Bool {
        let bare = line.filter { $0 != "#" && $0 != "*" && $0 != ":" }.trimmed
        return bare.lowercased() == heading.lowercased()
    }

    private static func frame(_ line: String) -> Frame? {
        guard let dot = line.firstIndex(of: "."), let index = Int(line[..<dot]), (0...99_999).contains(index) else { return nil }
        let rest = String(line[line.index(after: dot)...]).trimmed
        guard rest.hasPrefix("**") else { return nil }
        let inner = rest.dropFirst(2)
        guard let close = inner.firstRange(of: "**") else { return nil }
        var title = String(inner[..<close.lowerBound]).trimmed
        var text = String(inner[close.upperBound...]).trimmed
        if title.hasSuffix(":") { title = String(title.dropLast()).trimmed } else if text.hasPrefix(":") { text = String(text.dropFirst()).trimmed } else { return nil }
        return title.isEmpty || text.isEmpty ? nil : Frame(index: index, title: title, text: text)
    }
}

extension String {
    fileprivate var trimmed: String {
        var part = self[...]
        while part.first?.isWhitespace == true { part.removeFirst() }
        while part.last?.isWhitespace == true { part.removeLast() }
        return String(part)
    }
}

extension MVDescription {
    /// The words without the figures.
    public var text: DescriptionText {
        DescriptionText(overview: overview, frames: frames.map { DescriptionText.Frame(index: $0.index, title: $0.title, text: $0.description) })
    }
}
