import Captioning
import Testing

/// What is put right in an answer without asking, and what is not.
@Suite struct AnswerReadingTests {
    private static let words = "The words look back on a long journey and weigh what it has cost, until the last lines find a little peace."

    private static let task = Result { try Tasks().lyrics }

    private static func read(_ text: String, finish: String = "stop", refusal: String? = nil) throws -> (text: String?, repairs: [AnswerRepair], rules: [String]) {
        var ladder = CaptionLadder(try task.get(), policy: LadderPolicy(reasks: 0))
        _ = ladder.begin()
        switch ladder.receive(ModelReply(text: text, finishReason: finish, refusal: refusal, model: "m")) {
        case .finish(.accepted(let answer, let quality)): return (answer.text, quality.attempts[0].repairs, [])
        case .finish(.exhausted(_, let quality)): return (nil, [], quality.attempts[0].violations.keys.sorted())
        default: return (nil, [], ["asked"])
        }
    }

    @Test(arguments: [
        (#"{"summary":"W"}"#, []), ("  \n{\"summary\" : \"W\"}\n", []), (#"{"summary":"W","mood":null,"list":[1,-2.5e3,{"a":true}]}"#, []),
        ("```json\n{\"summary\":\"W\"}\n```", [AnswerRepair.codeFence]), ("Sure! {that is} Here: {\"summary\":\"W\"} Enjoy.", [.surroundingText]),
        (#"{"summary":"W",}"#, [.syntax]), ("{\"summary\":\"W\" // end\n}", [.syntax]), (#"{"summary":"W" "mood":None}"#, [.syntax]),
        ("<think>Perhaps {\"summary\":\"no\"}?</think>\n{\"summary\":\"W\"}", [.thoughts]), (#"{"answer":{"summary":"W"}}"#, [.surroundingText]),
        (#"{"summary":"W"}{"summary":"W"}"#, [.surroundingText]), (#"{"summary":"**W**"}"#, [.words]), (#"{"summary":"Summary: W"}"#, [.words]),
        (#"{"summary":"\"W\""}"#, [.words]), ("{\"summary\":\"W\n\"}", [.rawCharacters, .words]), (#"{"summary":"\u200BW\u202E"}"#, [.words]),
        (#"{"summary":"W They rhyme. They rhyme. They rhyme and rhyme. They rhyme and rhyme."}"#, [.words]),
    ])
    func anAnswerIsReadAndWhatWasPutRightIsSaid(text: String, repairs: [AnswerRepair]) throws {
        let read = try Self.read(text.replacing("W", with: Self.words))
        #expect(read.text?.hasPrefix(Self.words) == true && read.repairs == repairs, "\(read)")
    }

    @Test(arguments: [
        ("", "json"), ("I'm sorry, but I can't help with that.", "json"), (#"{"text":"W"}"#, "json"), (#"["W"]"#, "json"), (#"{"summary":["W"]}"#, "json"),
        (#"{"summary":"  "}"#, "json"), (#"{"summary":"I'm sorry, but W"}"#, "refusal"), (#"{"summary":"W"#, "cut"), (#"{"summary":"W","list":[{"a":1},"#, "cut"),
        (#"{"summary":"W"}{"summary":"other"}"#, "json"), ("{\"summary\":" + String(repeating: " ", count: 1000) + "\"W\"}", "flood"),
        (#"{"summary":""# + String(repeating: "W ", count: 1000) + "\"}", "flood"), (#"{"summary":"short"}"#, "words"), (#"{"summary":'W'}"#, "json"),
        (#"{"summary":"W \x"}"#, "json"), (#"{"summary":"<data> W"}"#, "form"), (String(repeating: "{\"a\":", count: 5000) + "1", "json"), (#"{"summary":tru"#, "cut"), (#"{"summary":"W", "n": 12"#, "cut"),
    ])
    func whatIsNoAnswerIsNamed(text: String, rule: String) throws {
        let read = try Self.read(text.replacing("W", with: Self.words))
        #expect(read.text == nil && read.rules == [rule], "\(read.rules)")
    }

    @Test func anAnswerThatWasCutOrHeldBackIsNone() throws {
        let whole = #"{"summary":"\#(Self.words)"}"#
        #expect(try Self.read(whole, finish: "length").rules == ["cut"])
        #expect(try Self.read(whole, finish: "content_filter").rules == ["refusal"])
        #expect(try Self.read(whole, finish: "tool_calls").rules == ["cut"])
        #expect(try Self.read(whole, refusal: "I will not.").rules == ["refusal"])
    }

    @Test func anAnswerCutAtAnyByteIsNeverTakenForAWholeOne() throws {
        let whole = Array(#"{"summary":"\#(Self.words) \u00e9 \ud83c\udf03","list":[1,{"a":"b"},true]}"#.utf8)
        for end in 0..<whole.count {
            #expect(try Self.read(String(decoding: whole[..<end], as: UTF8.self)).text == nil, "cut at \(end)")
        }
        #expect(try Self.read(String(decoding: whole, as: UTF8.self)).text?.hasSuffix("é 🌃.") == true)
    }

    @Test func noBytesBringTheReaderDown() throws {
        var random = SplitMix(state: 11)
        let whole = Array(#"{"summary":"\#(Self.words)","list":[1,{"a":"b\u00e9"},true,-2.5e3,null]}"#.utf8)
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0...random.below(6) {
                let place = random.below(bytes.count)
                switch random.below(3) {
                case 0: bytes[place] = UInt8(random.below(256))
                case 1: bytes.remove(at: place)
                default: bytes.insert(contentsOf: random.pick([[0x22], [0x5C], [0x7B], [0x7D], [0x5B], [0x2C], Array("\\ud800".utf8)]), at: place)
                }
            }
            _ = try Self.read(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test func framesAreNumberedSortedAndCleaned() throws {
        let task = try Tasks(visual: VisualFacts(duration: 6, frames: Array(Example.visual.frames.prefix(3)))).frames
        func captions(_ frames: String) throws -> FrameCaptions? {
            var ladder = CaptionLadder(task, policy: LadderPolicy(reasks: 0, asksFramesAlone: false))
            _ = ladder.begin()
            guard case .finish(.accepted(let answer, _)) = ladder.receive(ModelReply(text: #"{"frames":[\#(frames)]}"#, model: "m")) else { return nil }
            return answer
        }
        let texts = ["A red lamp stands by a window in the dusk.", "Somebody walks along an empty platform at night.", "Sheets billow on a line above the roofs."]
        let titles = ["Red Lamp", "Empty Platform", "Roof Lines"]
        func frame(_ index: String, _ place: Int) -> String { #"{"index":\#(index),"title":"\#(titles[place])","caption":"\#(texts[place])"}"# }
        for frames in [
            [frame("1", 0), frame("2", 1), frame("3", 2)], [frame("3", 2), frame("1", 0), frame("2", 1)], [frame("0", 0), frame("1", 1), frame("2", 2)],
            [frame("\"1\"", 0), frame("2.0", 1), frame("3", 2)], [frame("1", 0), frame("2", 1), frame("3", 2), frame("4", 0)],
            [#"{"index":1,"title":"Frame 1: Red Lamp.","caption":"Frame 1: \#(texts[0].dropLast())"}"#, frame("2", 1), frame("3", 2)],
            [#"{"index":1,"title":"**Red Lamp**","caption":"\#(texts[0])"}"#, frame("2", 1), frame("3", 2)],
        ] {
            #expect(try captions(frames.joined(separator: ","))?.frames.map(\.caption) == texts, "\(frames[0])")
            #expect(try captions(frames.joined(separator: ","))?.frames.map(\.title) == titles)
        }
        #expect(try captions([frame("1", 0), frame("2", 1)].joined(separator: ",")) == nil)
        #expect(try captions([frame("1", 0), frame("1", 1), frame("2", 2)].joined(separator: ",")) == nil)
    }

    @Test func typesAreReadByTheirLetters() throws {
        var ladder = CaptionLadder(try Tasks().types, policy: LadderPolicy(reasks: 0))
        _ = ladder.begin()
        let text = #"""
            {"types":[{"name":"nature / scenic","evidence_frames":[2,99],"confidence":40,"reason":"Sky and water fill the frames"},
            {"name":"Artistic/Abstract","evidence_frames":[3,3,1],"confidence":0.9,"reason":"Shapes of light lead in most frames."},
            {"name":"Nature/Scenic","evidence_frames":[1],"confidence":0.2,"reason":"Water again is seen."}]}
            """#
        guard case .finish(.accepted(let types, let quality)) = ladder.receive(ModelReply(text: text, model: "m")) else { Issue.record("not accepted"); return }
        #expect(types.types.map(\.name) == [.artistic, .nature] && types.types.map(\.evidenceFrames) == [[1, 3], [2]] && types.types.map(\.confidence) == [0.9, 0.4])
        #expect(types.types[1].reason == "Sky and water fill the frames." && quality.attempts[0].repairs == [.words])
    }
}
