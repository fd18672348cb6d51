/// Finds the one JSON object in what a model wrote.
package struct AnswerText {
    package let value: JSONValue
    package let repairs: Set<AnswerRepair>

    /// Bytes. A description of fifteen frames has about five thousand.
    private static let longest = 64 * 1024
    /// White space in a row that no answer has: constrained decoding can loop in it.
    private static let longestSpace = 512
    /// Opening braces that are tried before the text counts as prose.
    private static let mostTries = 64

    /// - Parameter required: the names that the object has.
    package init(_ text: String, required: [String]) throws(AnswerFault) {
        guard text.utf8.count <= Self.longest else { throw AnswerFault(.flood, "answer", "it has more than \(Self.longest) bytes: write the JSON object and end there") }
        let bytes = Array(text.utf8)
        if Self.hasSpaceFlood(bytes) { throw AnswerFault(.flood, "answer", "it holds a flood of white space: write the JSON object without it") }
        var repairs: Set<AnswerRepair> = []
        let start = Self.afterThoughts(bytes)
        if start > 0 { repairs.insert(.thoughts) }
        guard let found = try Self.object(in: bytes[start...], required: required) else {
            throw AnswerFault(.json, "answer", "it holds no JSON object with \(required.map { "'\($0)'" }.joined(separator: " and ")): write that object and nothing else")
        }
        repairs.formUnion(found.repairs)
        repairs.formUnion(Self.surroundings(bytes[start..<found.range.lowerBound]))
        repairs.formUnion(Self.surroundings(bytes[found.range.upperBound...]))
        value = found.value
        self.repairs = repairs
    }

    private struct Found {
        var value: JSONValue
        var range: Range<Int>
        var repairs: Set<AnswerRepair>
    }

    private static func object(in bytes: ArraySlice<UInt8>, required: [String]) throws(AnswerFault) -> Found? {
        var found: Found?
        var place = bytes.startIndex
        var tries = 0
        var isCut = false
        while let open = bytes[place...].firstIndex(of: UInt8(ascii: "{")), tries < mostTries {
            tries += 1
            var json = LenientJSON(bytes[open...])
            do {
                let value = try json.value()
                guard required.allSatisfy({ value[$0] != nil }) else {
                    // The answer may stand inside another object.
                    place = open + 1
                    continue
                }
                place = json.place
                let next = Found(value: value, range: open..<json.place, repairs: json.repairs)
                // A text that the model repeats may hold an object of this form: which one is the answer cannot be told.
                if let found, found.value != next.value { throw AnswerFault(.json, "answer", "it holds two different JSON objects: write one and nothing else") }
                found = found ?? next
            } catch let fault as LenientJSON.Fault {
                if fault == .cut, found == nil { isCut = true }
                place = open + 1
            } catch {
                throw error as? AnswerFault ?? AnswerFault(.json, "answer", "it could not be read")
            }
        }
        if found == nil, isCut { throw AnswerFault(.cut, "answer", "its JSON ends before its end: write less, and to the end") }
        return found
    }

    private static func hasSpaceFlood(_ bytes: [UInt8]) -> Bool {
        var run = 0
        for byte in bytes {
            run = byte == 0x20 || (0x09...0x0D).contains(byte) ? run + 1 : 0
            if run > longestSpace { return true }
        }
        return false
    }

    /// Where the answer begins after a model's thoughts, if it wrote them.
    private static func afterThoughts(_ bytes: [UInt8]) -> Int {
        let end = Array("</think>".utf8)
        var place = bytes.count - end.count
        while place >= 0 {
            if bytes[place] == end[0], bytes[place..<(place + end.count)].elementsEqual(end) { return place + end.count }
            place -= 1
        }
        return 0
    }

    private static func surroundings(_ bytes: ArraySlice<UInt8>) -> Set<AnswerRepair> {
        let text = String(decoding: bytes, as: UTF8.self).trimmingSpaces
        if text.isEmpty { return [] }
        return text == "```" || text == "```json" || text == "```JSON" ? [.codeFence] : [.surroundingText]
    }
}
