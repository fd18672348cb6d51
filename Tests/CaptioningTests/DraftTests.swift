import Captioning
import Testing

@Suite struct DraftTests {
    @Test func aTextIsTakenFromItsMemberAndOnlyFromThere() throws {
        #expect(try TextDraft(.object([.init("a", .string(" x "))]), member: "a") == TextDraft(text: " x "))
        for value in [JSONValue.object([]), .object([.init("a", .null)]), .object([.init("a", .string(" \n\u{2003}"))]), .object([.init("a", .array([.string("x")]))]), .array([]), .null] {
            #expect(throws: AnswerFault.self) { _ = try TextDraft(value, member: "a") }
        }
    }

    @Test func framesBeyondAnyUseAreNotReadAndStrayViolationsLeaveNoneToAskAlone() throws {
        func frame(_ index: Int) -> JSONValue { .object([.init("index", .number(Double(index))), .init("title", .string("t\(index)")), .init("text", .string("x"))]) }
        let flood = JSONValue.object([.init("frames", .array((1...100_000).map(frame)))])
        #expect(try FramesDraft(flood, member: "text", hasOverview: false, expected: [1, 2, 3]).frames.map(\.title) == ["t1", "t2", "t3"])
        #expect(throws: AnswerFault.self) { _ = try FramesDraft(.object([.init("frames", .array([.null]))]), member: "text", hasOverview: false, expected: [1]) }
        let missing = try FramesDraft(.object([.init("frames", .array([frame(3), frame(1)]))]), member: "text", hasOverview: false, expected: [1, 2, 3])
        #expect(missing.frames.map(\.title) == ["t1", "", "t3"])
        for (place, rule) in [("overview", Violation.Rule.words), ("frame 2", .frames), ("frame x", .words), ("frame 9", .words), ("frame ", .words), ("frame", .words)] {
            #expect(FramesDraft.failing([Violation(rule, place, "")], expected: [1, 2, 3]) == [], "\(place)")
        }
        #expect(FramesDraft.failing([Violation(.words, "frame 2 title", ""), Violation(.name, "frame 2", "")], expected: [1, 2, 3]) == [2])
        #expect(FramesDraft.failing((1...3).map { Violation(.words, "frame \($0)", "") }, expected: [1, 2, 3]) == [], "all of them are no few")
    }
}

@Suite struct ProseTests {
    @Test(arguments: [
        ("**caption:** a red\u{0} lamp\u{202E},", "A red lamp."), ("“a lamp.”", "A lamp."), ("- 3. a lamp", "A lamp."), ("### Frame 3: a lamp!", "A lamp!"), ("", ""), ("\u{0}\u{200B}", ""), ("\"", "\""), ("it is 4.5 m.", "It is 4.5 m."),
        ("a\u{2028}\u{3000}b\r\n\r\nc", "A b c."),
    ])
    func aParagraphLosesWhatIsNotWords(text: String, paragraph: String) { #expect(Prose.paragraph(text) == paragraph) }

    @Test func shorteningKeepsSentencesWholeOrLeavesTheText() {
        #expect(Prose.shortened("One two. Three four. Five six.", to: 2...4) == "One two. Three four.")
        #expect(Prose.shortened("One two three four five six.", to: 2...4) == "One two three four five six.")
        let flood = String(repeating: "One two three. ", count: 50_000)
        #expect(Prose.shortened(flood, to: 10...20) == Array(repeating: "One two three.", count: 6).joined(separator: " "))
    }

    @Test func onlySentencesWithoutFaultStay() {
        let isBad: (String) -> [Violation] = { $0.contains("bad") ? [Violation(.tempo, "x", "")] : [] }
        #expect(Prose.grounded("A good one. A bad one. A good one.", in: 2...9, violations: isBad) == "A good one.")
        #expect(Prose.grounded("A bad one.", in: 2...9, violations: isBad) == "A bad one.", "one sentence alone is asked for again")
        let flood = String(repeating: "A bad one. ", count: 50_000)
        #expect(Prose.grounded(flood, in: 2...9, violations: isBad) == flood)
    }
}
