import Captioning
import Foundation
import Testing

@Suite struct CaptionTaskTests {
    private static func first<Task: CaptionTask>(_ task: Task, answering reply: (PromptRequest) -> String?) throws -> LadderEnd<Task.Answer> {
        var ladder = CaptionLadder(task, policy: LadderPolicy(reasks: 0, asksFramesAlone: false))
        switch ladder.begin() {
        case .finish(let end): return end
        case .ask(let request, _):
            let text = try #require(reply(request))
            guard case .finish(let end) = ladder.receive(ModelReply(text: text, model: "model")) else { throw CancellationError() }
            return end
        }
    }

    private static func violations<Answer>(_ end: LadderEnd<Answer>) -> [Violation] {
        if case .exhausted(let violations, _) = end { violations } else { [] }
    }

    /// What the rules write of the same facts, as a model would answer it: true by the checks, so that neither tidying nor reading may change a word of it.
    @Test func whatTheRulesWritePassesAsAnAnswerWithoutAChange() throws {
        for seed in 0..<150 as Range<UInt64> {
            let facts = GeneratedFacts(seed: seed)
            let texts = RuleCaptioner(seed: "clip \(seed)").chain(facts)
            let tasks = try Tasks(music: facts.music, source: facts.source, visual: facts.visual, lyrics: nil, seed: "clip \(seed)")
            func quoted(_ text: String) throws -> String { String(decoding: try JSONEncoder().encode(text), as: UTF8.self) }
            let captions = try texts.frames.frames.map { #"{"index":\#($0.index),"title":\#(try quoted($0.title)),"caption":\#(try quoted($0.caption))}"# }
            let described = try texts.description.frames.map { #"{"index":\#($0.index),"title":\#(try quoted($0.title)),"description":\#(try quoted($0.description))}"# }
            if case .accepted(let answer, let quality) = try Self.first(tasks.frames, answering: { _ in #"{"frames":[\#(captions.joined(separator: ","))]}"# }) {
                #expect(answer.frames == texts.frames.frames && quality.attempts.map(\.repairs) == [[]], "seed \(seed)")
            } else {
                #expect(tasks.frames.settled != nil, "seed \(seed)")
            }
            let overview = try quoted(texts.description.overview)
            let end = try Self.first(tasks.description) { _ in #"{"overview":\#(overview),"frames":[\#(described.joined(separator: ","))]}"# }
            guard case .accepted(let answer, let quality) = end else {
                Issue.record("seed \(seed): \(Self.violations(end))")
                return
            }
            #expect(answer.overview == texts.description.overview && answer.frames == texts.description.frames && answer.music == texts.description.music, "seed \(seed)")
            #expect(quality.attempts.map(\.repairs) == [[]] && quality.passed == .first && !quality.isDegraded)
            #expect(answer.provenance.source == "model" && answer.quality == quality)
        }
    }

    @Test func theExampleAnswersHoldForEveryInput() throws {
        for seed in 0..<120 as Range<UInt64> {
            let facts = GeneratedFacts(seed: seed)
            let tasks = try Tasks(music: facts.music, source: facts.source, visual: facts.visual, pictures: seed % 2 == 0 ? .frames : .contactSheet, names: ["Ann Other"])
            func example(_ request: PromptRequest) -> String? { request.schema.flatMap { ExampleAnswer.json(schema: $0.name, $0.json) } }
            let violations = Self.violations(try Self.first(tasks.music, answering: example)) + Self.violations(try Self.first(tasks.lyrics, answering: example))
                + Self.violations(try Self.first(tasks.unified, answering: example)) + Self.violations(try Self.first(tasks.types, answering: example))
                + Self.violations(try Self.first(tasks.frames, answering: example)) + Self.violations(try Self.first(tasks.description, answering: example))
            #expect(violations == [], "seed \(seed)")
        }
    }

    @Test func whereThereIsNothingToAskTheRulesAnswer() throws {
        let tasks = try Tasks(music: .unavailable, visual: VisualFacts(duration: 0, frames: []), lyrics: nil)
        #expect(tasks.music.settled?.source == .rules && tasks.unified.settled?.source == .rules && tasks.lyrics.settled?.status == .instrumental)
        #expect(tasks.types.settled?.types.count == 1 && tasks.frames.settled?.frames == [])
        #expect(tasks.requests.count == 1, "the description is asked for all the same")
    }

    @Test func outputsOfTheRulesKeepTheirBytes() throws {
        let caption = RuleCaptioner(seed: "bytes").musicCaption(Example.music, source: Example.source)
        #expect(!String(decoding: try JSONEncoder().encode(caption), as: UTF8.self).contains("quality"))
        let old = #"{"text":"t","source":"rules"}"#
        #expect(try JSONDecoder().decode(MusicCaption.self, from: Data(old.utf8)) == MusicCaption(text: "t", source: .rules))
    }

    @Test func everyBoundThatIsCheckedStandsInThePrompt() throws {
        let tasks = try Tasks()
        let texts = Dictionary(uniqueKeysWithValues: tasks.requests.map { ($0.prompt.name, $0.text) })
        func words(_ range: ClosedRange<Int>) -> String { "\(range.lowerBound) to \(range.upperBound) words" }
        #expect(texts["music-caption"]?.contains(words(DescriptionChecks.musicCaptionWords)) == true)
        #expect(texts["unified-caption"]?.contains(words(DescriptionChecks.unifiedCaptionWords)) == true)
        #expect(texts["lyrics"]?.contains(words(DescriptionChecks.lyricsWords)) == true)
        #expect(texts["mv-type"]?.contains(words(DescriptionChecks.reasonWords)) == true)
        for bound in [DescriptionChecks.titleWords, DescriptionChecks.captionWords] { #expect(texts["frame-captions"]?.contains(words(bound)) == true) }
        for bound in [DescriptionChecks.titleWords, DescriptionChecks.frameWords, DescriptionChecks.overviewWords] { #expect(texts["description"]?.contains(words(bound)) == true) }
        #expect(texts["description"]?.contains(MVDescription.instruction) == true)
        for type in MVType.allCases { #expect(texts["mv-type"]?.contains(type.rawValue) == true) }
    }

    @Test func picturesAndSoundStandWhereTheyBelong() throws {
        let requests = try Tasks().requests
        let frames = (1...15).map { "text frame(\($0))" }.joined(separator: " ")
        #expect(requests.first { $0.prompt.name == "frame-captions" }?.structure == ["system: text", "user: \(frames) text"])
        #expect(requests.first { $0.prompt.name == "music-caption" }?.structure == ["system: text", "user: text audio text"])
        let sheet = try Tasks(hasAudio: false, pictures: .contactSheet).requests
        #expect(sheet.first { $0.prompt.name == "frame-captions" }?.structure == ["system: text", "user: text contactSheet text"])
        #expect(sheet.first { $0.prompt.name == "music-caption" }?.structure == ["system: text", "user: text"])
    }

    @Test func theSystemMessageIsTheSameForEveryClip() throws {
        let one = try Tasks().requests, other = try Tasks(music: GeneratedFacts(seed: 3).music, source: SourceFacts(), lyrics: "Other words", hasAudio: false).requests
        for (left, right) in zip(one, other) where left.prompt == right.prompt { #expect(left.messages[0] == right.messages[0]) }
    }
}
