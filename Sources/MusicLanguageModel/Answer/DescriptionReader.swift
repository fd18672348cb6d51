/// Finds an overview and numbered frames in any text, line by line.
///
/// Takes headings in any mark-up (`**Overview**`, `## Overview:`), numbers in any (`1. **Title**: text`, `1) Title: text`, `**Frame 1: Title** – text`), bullets
/// without a number, frames that follow another on its line, and texts of more than one line.
struct DescriptionReader {
    private(set) var overview = ""
    /// As they stand: numbers may repeat, skip and go down.
    private(set) var frames: [ParsedDescription.Frame] = []
    private(set) var closing = ""
    /// The text went on past what was read.
    private(set) var isCut = false

    /// Bytes. Fifteen frames of forty words come to a few thousand.
    private static let longest = 256 * 1024
    private static let mostFrames = 1000
    private static let largestNumber = 99_999

    private enum Part { case overview, frames }

    init(_ text: String) {
        isCut = text.utf8.count > Self.longest
        let read = isCut ? String(decoding: text.utf8.prefix(Self.longest), as: UTF8.self) : text
        var part = Part.overview, pending: [String] = [], isAfterGap = false
        for line in read.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).flatMap(Self.lines) {
            if line.isEmpty {
                isAfterGap = true
            } else if Self.isHeading(line, of: ["overview"]) {
                continue
            } else if Self.isHeading(line, of: ["framebyframebreakdown", "framebyframe", "breakdown"]) {
                part = .frames
            } else if let frame = frame(line, isAmongFrames: part == .frames) {
                guard frames.count < Self.mostFrames else {
                    isCut = true
                    break
                }
                part = .frames
                extendLastFrame(pending)
                pending = []
                isAfterGap = false
                frames.append(frame)
            } else if frames.isEmpty {
                Self.extend(&overview, Self.plain(line))
            } else if isAfterGap || !pending.isEmpty {
                pending.append(Self.plain(line))
            } else {
                extendLastFrame([Self.plain(line)])
            }
        }
        closing = pending.joined(separator: " ")
    }

    private mutating func extendLastFrame(_ lines: [String]) {
        guard !frames.isEmpty else { return }
        for line in lines { Self.extend(&frames[frames.count - 1].description, line) }
    }

    private static func extend(_ text: inout String, _ more: String) {
        if !text.isEmpty, !more.isEmpty { text += " " }
        text += more
    }

    /// What may stand before a frame's number.
    private static let bullets = "*#-•–>"

    /// A line as it stands, or cut where another numbered, marked-up title begins in it.
    private static func lines(_ line: Substring) -> [String] {
        let words = line.split(whereSeparator: { $0.isWhitespace || $0.unicodeScalars.allSatisfy { $0.properties.generalCategory == .control } })
        var lines: [[Substring]] = [[]]
        for (place, word) in words.enumerated() {
            let isNumber = word.last == "." && (1 ... 3).contains(word.count - 1) && word.dropLast().allSatisfy { $0.isASCII && $0.isNumber }
            if isNumber, place + 1 < words.count, words[place + 1].hasPrefix("**"), lines[lines.count - 1].contains(where: { !$0.allSatisfy(bullets.contains) }) { lines.append([]) }
            lines[lines.count - 1].append(word)
        }
        return lines.map { $0.joined(separator: " ") }
    }

    private static func isHeading(_ line: String, of names: [String]) -> Bool {
        guard line.utf8.count < 80 else { return false }
        let letters = String(line.lowercased().unicodeScalars.filter { $0.properties.isAlphabetic })
        return names.contains(letters) && !line.contains { $0.isNumber }
    }

    private func frame(_ line: String, isAmongFrames: Bool) -> ParsedDescription.Frame? {
        var rest = line[...].drop { $0 == " " || Self.bullets.contains($0) }
        let isBulleted = line.first.map { "-•–".contains($0) } ?? false
        if rest.prefix(5).lowercased() == "frame" { rest = rest.dropFirst(5).drop { $0 == " " || $0 == "#" } }
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        if let number = Int(digits), number <= Self.largestNumber {
            var after = rest.dropFirst(digits.count)
            let marks = after.prefix { ".):-–*] ".contains($0) }
            // "12 people" begins a sentence; a number alone, or with one of these marks after it, is a frame's.
            guard after.isEmpty || marks.contains(where: { $0 != " " && $0 != "*" }) else { return nil }
            // "12.30" is no frame 12.
            if marks == ".", after.dropFirst().first?.isNumber == true { return nil }
            after = after.drop { ".):-–] ".contains($0) }
            return Self.frame(number, String(after))
        }
        guard isBulleted, isAmongFrames, line.contains("**"), case let last = frames.last?.index ?? 0, last < Self.largestNumber else { return nil }
        return Self.frame(last + 1, String(line[...].drop { "-•– ".contains($0) }))
    }

    /// Title and text: the title is what is marked up, or what stands before an early colon.
    private static func frame(_ number: Int, _ rest: String) -> ParsedDescription.Frame {
        var title = "", text = rest[...]
        let body = rest[...].drop { $0 == "*" }
        let isMarked = body.startIndex > rest.startIndex, isHalfMarked = !isMarked && body.ranges(of: "**").count % 2 == 1
        func isShort(_ part: Substring) -> Bool { part.split(separator: " ").count <= longestTitle }
        if isMarked || isHalfMarked, let close = body.firstRange(of: "**") ?? body.firstRange(of: "*"), isMarked || isShort(body[..<close.lowerBound]) {
            title = String(body[..<close.lowerBound])
            text = body[close.upperBound...]
        } else if let colon = body.firstIndex(of: ":"), isShort(body[..<colon]) {
            title = String(body[..<colon])
            text = body[body.index(after: colon)...]
        } else if isMarked {
            // It was cut off in its title.
            title = String(body)
            text = ""
        }
        return ParsedDescription.Frame(index: number, title: plain(title, ending: ":-– "), description: plain(String(text.drop { ":-–* ".contains($0) })))
    }

    /// Words of a title that is not marked up.
    private static let longestTitle = 6

    /// Without marks and the space around.
    private static func plain(_ text: String, ending: String = " ") -> String {
        var plain = text.replacing("**", with: "")[...]
        while let first = plain.first, " *#_".contains(first) { plain.removeFirst() }
        while let last = plain.last, " *_".contains(last) || ending.contains(last) { plain.removeLast() }
        return String(plain)
    }
}
