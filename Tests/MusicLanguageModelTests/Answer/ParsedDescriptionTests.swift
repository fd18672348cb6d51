import MusicLanguageModel
import Testing

struct ParsedDescriptionTests {
    private static func answer(_ frames: [Int], overview: String = "A journey unfolds.", after: String = "") -> String {
        "**Overview**\n\(overview)\n\n**Frame-by-frame Breakdown**\n" + frames.map { "\($0). **Title \($0)**: Text \($0), with 2 lights: on.\n" }.joined() + after
    }

    private static func problems(_ text: String, finish: FinishReason = .stop) -> [ParsedDescription.Problem] { ParsedDescription(parsing: text, finish: finish).problems }

    @Test func readsTheTrainedForm() {
        let parsed = ParsedDescription(parsing: Self.answer(Array(1 ... 15), after: "\nThis breakdown supports a nuanced view.\nIt ends."))
        #expect(parsed.overview == "A journey unfolds.")
        #expect(parsed.frames == (1 ... 15).map { ParsedDescription.Frame(index: $0, title: "Title \($0)", description: "Text \($0), with 2 lights: on.") })
        #expect(parsed.closing == "This breakdown supports a nuanced view. It ends.")
        #expect(parsed.problems.isEmpty && parsed.isComplete)
    }

    @Test(arguments: [
        "1. **Blurred Reflection**: Begin softly.", "1. **Blurred Reflection:** Begin softly.", "1) Blurred Reflection: Begin softly.", "**1. Blurred Reflection**: Begin softly.",
        "**Frame 1: Blurred Reflection** – Begin softly.", "Frame 1 - **Blurred Reflection**: Begin softly.", "- **Blurred Reflection**: Begin softly.", "- *Blurred Reflection**: Begin softly.",
        "### 1. Blurred Reflection: Begin softly.", "1.  **Blurred Reflection**:\n   Begin\n   softly.", "- 1. **Blurred Reflection**: Begin softly.", "1: Blurred Reflection: Begin softly.",
    ])
    func readsOtherForms(line: String) {
        for heading in ["**Frame-by-frame Breakdown**", "## Frame-by-Frame Breakdown:", "Breakdown"] {
            let parsed = ParsedDescription(parsing: "Overview:\nAll of it.\n\(heading)\n\(line)\n", expectedFrames: 1)
            #expect(parsed.frames == [ParsedDescription.Frame(index: 1, title: "Blurred Reflection", description: "Begin softly.")], "\(line)")
            #expect(parsed.overview == "All of it.")
            #expect(parsed.isComplete)
        }
    }

    @Test func readsFramesThatShareALine() {
        let parsed = ParsedDescription(parsing: "**Overview** \nX.\n1. **A**: At 4. 30 lights, 7. 2. **B**: Two. 3. **C**: Three.", expectedFrames: 3)
        #expect(parsed.frames.map(\.description) == ["At 4. 30 lights, 7.", "Two.", "Three."])
    }

    @Test func namesWhatIsMissingOrTooMuch() {
        #expect(Self.problems(Self.answer(Array(1 ... 12))) == [.init(.missingFrames, frames: [13, 14, 15])])
        #expect(Self.problems(Self.answer(Array(1 ... 15) + [3, 16, 3])) == [.init(.repeatedFrames, frames: [3]), .init(.extraFrames, frames: [16])])
        #expect(Self.problems(Self.answer([2, 1] + Array(3 ... 15))) == [.init(.disorderedFrames, frames: [1])])
        #expect(Self.problems(Self.answer(Array(1 ... 15), overview: "")) == [.init(.noOverview)])
        #expect(Self.problems("") == [.init(.noOverview), .init(.noFrames)])
        #expect(Self.problems("A text of 12 people.\n12 people more.\n12.30 it is.") == [.init(.noFrames)])
        #expect(Self.problems(Self.answer(Array(1 ... 4)) + "5. **Cut ti", finish: .length) == [.init(.missingFrames, frames: Array(6 ... 15)), .init(.emptyFrames, frames: [5]), .init(.cutOff, frames: [5])])
        #expect(Self.problems(Self.answer(Array(1 ... 14)) + "15. **Title**:") == [.init(.emptyFrames, frames: [15])])
        #expect(Self.problems(Self.answer(Array(1 ... 14)) + "15. A text that has no title, but is long enough: yes.") == [.init(.untitledFrames, frames: [15])])
        #expect(!ParsedDescription(parsing: "1. **A**: b", finish: .cancelled).isComplete)
    }

    @Test(arguments: [
        String(repeating: "*", count: 100_000), String(repeating: "1. ", count: 100_000), String(repeating: "1. **", count: 100_000), String(repeating: "\n1. **a**: b", count: 30_000),
        "99999999999999999999999. **A**: b", "1.", "1. **", "**", "- ", "-", "1. **:**:", "\u{0}\u{1}\r\r\n\u{2028}", "1. **A\u{301}\u{301}**\u{301}: \u{200d}b", "-1. **A**: b", "0. **A**: b",
        String(repeating: "\u{301}", count: 50_000), "١. **A**: b", "Frame", "Frame 1", "- **" + String(repeating: "a", count: 200_000),
    ])
    func readsHostileTexts(text: String) {
        for whole in [text, Self.answer([1, 2], after: text), "Overview\n" + text + "\nBreakdown\n" + text] {
            let parsed = ParsedDescription(parsing: whole)
            #expect(parsed.frames.count <= 15)
            #expect(!parsed.isComplete)
        }
    }
}
