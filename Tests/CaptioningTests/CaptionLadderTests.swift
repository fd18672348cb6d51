import Captioning
import Foundation
import Testing

@Suite struct CaptionLadderTests {
    private typealias Ladder = CaptionLadder<FrameCaptionsTask>

    private static func example(_ request: PromptRequest) -> String {
        request.schema.flatMap { ExampleAnswer.json(schema: $0.name, $0.json) } ?? ""
    }

    /// The example with these frames' captions too short.
    private static func spoilt(_ request: PromptRequest, _ frames: Int...) throws -> String {
        try frames.reduce(example(request)) { text, frame in
            text.replacing(try Regex(#""index":\#(frame),"title":"([^"]*)","caption":"[^"]*""#)) { #""index":\#(frame),"title":"\#($0.output[1].substring ?? "")","caption":"Too short.""# }
        }
    }

    private static func reply(_ text: String, model: String = "model-1", tokens: Int = 100) -> ModelReply {
        ModelReply(text: text, model: model, promptTokens: tokens, completionTokens: 10)
    }

    private static func asked(_ action: Ladder.Action) throws -> (request: PromptRequest, step: LadderStep) {
        guard case .ask(let request, let step) = action else { throw CancellationError() }
        return (request, step)
    }

    @Test func anAnswerThatHoldsEndsItAtOnce() throws {
        var ladder = Ladder(try Tasks().frames, policy: LadderPolicy())
        let first = try Self.asked(ladder.begin())
        guard case .finish(.accepted(let answer, let quality)) = ladder.receive(Self.reply(Self.example(first.request))) else { Issue.record("not accepted"); return }
        #expect(first.step == .first && answer.frames.count == 15 && answer.source == "model-1" && answer.quality == quality)
        #expect(answer.frames.map(\.time) == (0..<15).map { Double(2 * $0) }, "times are the code's")
        #expect(quality == CaptionQuality(prompt: PromptID(name: "frame-captions", version: 1), passed: .first,
                                          attempts: [.init(step: .first, model: "model-1", promptTokens: 100, completionTokens: 10)]))
    }

    @Test func theWholeWayDownWithWhatEachStepCost() throws {
        var ladder = Ladder(try Tasks().frames, policy: LadderPolicy(hasFallbackModel: true, fallsBackToRules: true))
        let first = try Self.asked(ladder.begin())
        let again = try Self.asked(ladder.receive(Self.reply(Self.spoilt(first.request, 3, 7, 9))))
        #expect(again.step == .reask && again.request.messages.map(\.role) == [.system, .user, .assistant, .user])
        #expect(Array(again.request.messages.prefix(2)) == first.request.messages, "the prefix stays")
        #expect(again.request.text.contains("frame 3: it has 2 words: write 8 to 40") && again.request.schema == first.request.schema)
        let frames = try Self.asked(ladder.receive(Self.reply(Self.spoilt(again.request, 3, 7), tokens: 200)))
        #expect(frames.step == .frames && frames.request.structure == ["system: text", "user: text frame(3) text frame(7) text"])
        #expect(frames.request.messages[0] == first.request.messages[0] && frames.request.schema?.json.contains(#""enum":[3,7]"#) == true)
        #expect(frames.request.text.contains("Harbour Haze") && !frames.request.text.contains("Hands And Thread"), "what the other frames have")
        let fallback = try Self.asked(ladder.receive(Self.reply(Self.spoilt(frames.request, 7), tokens: 30)))
        #expect(fallback.step == .fallbackModel && fallback.request == first.request)
        guard case .finish(.accepted(let answer, let quality)) = ladder.receive(Self.reply("no", model: "model-2")) else { Issue.record("not accepted"); return }
        #expect(answer.source == .rules && answer.quality == quality && quality.passed == .rules && quality.isDegraded)
        #expect(quality.attempts.map(\.step) == [.first, .reask, .frames, .fallbackModel] && quality.attempts.map(\.promptTokens) == [100, 200, 30, 100])
        #expect(quality.attempts.map(\.violations) == [["words": 3, "near_duplicate": 3], ["words": 2, "near_duplicate": 1], ["words": 1], ["json": 1]])
        #expect(quality.promptTokens == 430 && quality.completionTokens == 40)
    }

    @Test func failingFramesAreMergedIntoTheOthers() throws {
        var ladder = Ladder(try Tasks().frames, policy: LadderPolicy(steps: [.first, .frames]))
        let first = try Self.asked(ladder.begin())
        let frames = try Self.asked(ladder.receive(Self.reply(Self.spoilt(first.request, 3, 7))))
        guard case .finish(.accepted(let answer, let quality)) = ladder.receive(Self.reply(Self.example(frames.request))) else { Issue.record("not accepted"); return }
        #expect(answer.frames.map(\.index) == Array(1...15) && quality.passed == .frames && !quality.isDegraded)
    }

    @Test func aMissingFrameIsAskedForAlone() throws {
        var ladder = Ladder(try Tasks().frames, policy: LadderPolicy(steps: [.first, .frames]))
        let first = try Self.asked(ladder.begin())
        let text = Self.example(first.request).replacing(try Regex(#"\{"index":4,[^}]*\},"#), with: "")
        let frames = try Self.asked(ladder.receive(Self.reply(text)))
        #expect(frames.request.structure[1] == "user: text frame(4) text" && frames.request.text.contains("frame 4: it is missing"))
    }

    @Test func framesAreNotAskedForAloneWhereMoreIsWrong() throws {
        var ladder = CaptionLadder(try Tasks().description, policy: LadderPolicy(steps: [.first, .frames]))
        guard case .ask(let request, _) = ladder.begin() else { Issue.record("nothing asked"); return }
        let text = Self.example(request).replacing(try Regex(#""overview":"[^"]*""#), with: #""overview":"Short.""#)
        guard case .finish(.exhausted(let violations, let quality)) = ladder.receive(Self.reply(text)) else { Issue.record("asked again"); return }
        #expect(violations.map(\.place) == ["overview"] && quality.passed == nil)
    }

    @Test func withoutAFallbackItEndsExhausted() throws {
        var ladder = Ladder(try Tasks().frames, policy: LadderPolicy())
        _ = ladder.begin()
        _ = ladder.receive(Self.reply("one"))
        guard case .finish(.exhausted(let violations, let quality)) = ladder.receive(Self.reply("two")) else { Issue.record("went on"); return }
        #expect(violations.map(\.rule) == [.json] && quality.attempts.count == 2 && quality.passed == nil)
    }

    @Test func aRequestThatTheServerDoesNotTakeIsNotSentLonger() throws {
        var ladder = Ladder(try Tasks().frames, policy: LadderPolicy(reasks: 2, hasFallbackModel: true))
        let first = try Self.asked(ladder.begin())
        let fallback = try Self.asked(ladder.failed("llm.context_length"))
        #expect(fallback.step == .fallbackModel && fallback.request == first.request)
        guard case .finish(.exhausted(let violations, let quality)) = ladder.failed("llm.rejected") else { Issue.record("went on"); return }
        #expect(violations.map(\.rule) == [.unanswered] && quality.attempts.map(\.failure) == ["llm.context_length", "llm.rejected"])
    }

    @Test func whereTheSecondRequestFailsTheFramesOfTheFirstAreKept() throws {
        var ladder = Ladder(try Tasks().frames, policy: LadderPolicy())
        let first = try Self.asked(ladder.begin())
        _ = try ladder.receive(Self.reply(Self.spoilt(first.request, 5)))
        #expect(try Self.asked(ladder.failed("llm.context_length")).step == .frames)
    }

    @Test func whileTheModelIsDownOnlyWhoIsDeclaredStandsIn() throws {
        var ladder = Ladder(try Tasks().frames, policy: LadderPolicy(hasFallbackModel: true, fallsBackToRules: true))
        let first = try Self.asked(ladder.begin())
        guard case .ask(let request, .fallbackModel)? = ladder.unavailable("llm.circuit_open") else { Issue.record("nobody stands in"); return }
        #expect(request == first.request)
        guard case .finish(.accepted(let answer, let quality))? = ladder.unavailable("llm.circuit_open") else { Issue.record("the rules do not write"); return }
        #expect(answer.source == .rules && quality.passed == .rules && quality.isDegraded)
        #expect(quality.attempts.map(\.step) == [.first, .fallbackModel] && quality.attempts.map(\.failure) == ["llm.circuit_open", "llm.circuit_open"])
    }

    @Test func whereTheModelGoesDownOnTheWayItsOtherStepsAreSkipped() throws {
        var ladder = Ladder(try Tasks().frames, policy: LadderPolicy(reasks: 2, hasFallbackModel: true))
        let first = try Self.asked(ladder.begin())
        #expect(try Self.asked(ladder.receive(Self.reply(Self.spoilt(first.request, 5)))).step == .reask)
        guard case .ask(_, .fallbackModel)? = ladder.unavailable("llm.circuit_open") else { Issue.record("nobody stands in"); return }
        if case .some = ladder.unavailable("llm.circuit_open") { Issue.record("somebody is left") }
        guard case .finish(.accepted(_, let quality)) = ladder.receive(Self.reply(Self.example(first.request), model: "model-2")) else { Issue.record("not accepted"); return }
        #expect(quality.passed == .fallbackModel)
    }

    @Test func whereNobodyIsDeclaredTheLadderStaysAsItIs() throws {
        var ladder = Ladder(try Tasks().frames, policy: LadderPolicy())
        let first = try Self.asked(ladder.begin())
        if case .some = ladder.unavailable("llm.circuit_open") { Issue.record("nobody is declared") }
        guard case .finish(.accepted(_, let quality)) = ladder.receive(Self.reply(Self.example(first.request))) else { Issue.record("not accepted"); return }
        #expect(quality.passed == .first && quality.attempts.count == 1)
    }

    @Test func anAnswerThatWasCutIsNotShownAgain() throws {
        var ladder = Ladder(try Tasks().frames, policy: LadderPolicy())
        let first = try Self.asked(ladder.begin())
        let reply = ModelReply(text: Self.example(first.request), finishReason: "length", model: "m")
        let again = try Self.asked(ladder.receive(reply))
        #expect(again.request.messages.map(\.role) == [.system, .user] && again.request.text.contains("It had no end."))
        #expect(Array(again.request.messages[1].parts.dropLast()) == Array(first.request.messages[1].parts.dropLast()), "the prefix stays")
    }

    @Test func theSameRepliesLeadToTheSameRequests() throws {
        func walk() throws -> [PromptRequest] {
            var ladder = Ladder(try Tasks().frames, policy: LadderPolicy(hasFallbackModel: true, fallsBackToRules: true))
            var requests: [PromptRequest] = []
            var action = ladder.begin()
            while case .ask(let request, _) = action {
                requests.append(request)
                action = try ladder.receive(Self.reply(Self.spoilt(request, 3)))
            }
            return requests
        }
        let once = try walk()
        #expect(try walk() == once && once.count == 4)
    }

    @Test func aSentenceWithoutGroundGoesWhereTheRestIsEnough() throws {
        var ladder = CaptionLadder(try Tasks().unified, policy: LadderPolicy(reasks: 0))
        _ = ladder.begin()
        let good = "The recording holds a steady mood with a warm middle, and its sound leaves room around each event, so that small changes of colour are what one follows to the end."
        guard case .finish(.accepted(let answer, let quality)) = ladder.receive(Self.reply(#"{"caption":"\#(good) The music is very slow. It is in F sharp minor."}"#)) else { Issue.record("not accepted"); return }
        #expect(answer.text == good && quality.attempts[0].repairs == [.words])
    }

    @Test func qualitiesAddUpInWhicheverOrder() throws {
        let prompt = PromptID(name: "lyrics", version: 1)
        let good = CaptionQuality(prompt: prompt, passed: .first, attempts: [.init(step: .first, promptTokens: 10, completionTokens: 2, repairs: [.codeFence])])
        let again = CaptionQuality(prompt: prompt, passed: .reask, attempts: [
            .init(step: .first, promptTokens: 10, completionTokens: 2, violations: ["words": 4, "name": 1]), .init(step: .reask, promptTokens: 15, completionTokens: 2)])
        let none = CaptionQuality(prompt: prompt, attempts: [.init(step: .first, failure: "llm.rejected")])
        var left = QualityReport(), right = QualityReport()
        for quality in [good, again] { left.add(quality, stage: "lyrics") }
        right.add(none, stage: "lyrics")
        var sum = left, other = right
        sum.merge(right)
        other.merge(left)
        #expect(sum == other)
        let stage = try #require(sum.stages["lyrics"])
        #expect(stage.texts == 3 && stage.passed == [.first: 1, .reask: 1] && stage.exhausted == 1 && stage.repaired == 1)
        #expect(stage.steps[.first]?.requests == 3 && stage.steps[.first]?.promptTokens == 20 && stage.steps[.first]?.violations == ["words": 1, "name": 1])
        #expect(sum.description == """
            lyrics: 3 texts; passed: 1 at first, 1 at reask, 1 at none, 1 of them repaired without asking
              first: 3 requests; 20 + 4 tokens; broken: name 1, words 1; repaired: code_fence 1; failed: llm.rejected 1
              reask: 1 requests; 15 + 2 tokens
            """)
        #expect(try JSONDecoder().decode(QualityReport.self, from: JSONEncoder().encode(sum)) == sum)
    }
}
