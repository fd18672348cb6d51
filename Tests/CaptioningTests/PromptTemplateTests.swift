import Captioning
import Testing

@Suite struct PromptTemplateTests {
    private static let header = "name: lyrics\nversion: 3\nstage: lyrics\nanswer-tokens: 300\n\n"

    private static func file(system: String = "S", user: String = "U", again: String = "A") -> String {
        header + "[system]\n\(system)\n[user]\n\(user)\n[again]\n\(again)\n"
    }

    private static func rendered(user: String, lyrics: String = "la di da", source: SourceFacts = SourceFacts()) throws -> String {
        let task = LyricsTask(prompt: try PromptTemplate(parsing: file(user: user)), lyrics: lyrics, source: source, seed: "x")
        var ladder = CaptionLadder(task, policy: LadderPolicy())
        guard case .ask(let request, _) = ladder.begin() else { return "" }
        guard case .text(let text)? = request.messages[1].parts.first else { return "" }
        return text
    }

    @Test func everyPromptOfTheProgramIsReadAndHasItsStagesNameAndADigest() throws {
        let all = try PromptLibrary.builtIn().all
        #expect(Set(all.map(\.stage)) == Set(CaptionStage.allCases))
        for prompt in all { #expect(prompt.id.name == prompt.stage.rawValue && prompt.digest.count == 64) }
        #expect(Set(all.map(\.digest)).count == all.count)
    }

    @Test func blocksChooseAndLeaveNoLines() throws {
        let template = "Before\n{{#if language}}\nIn {{language}}.\n{{else}}\nUnknown.\n{{/if}}\n{{#unless language}}\nGuess.\n{{/unless}}\nAfter {{#if language}}yes{{else}}no{{/if}}"
        #expect(try Self.rendered(user: template, source: SourceFacts(language: "de")) == "Before\nIn German.\nAfter yes")
        #expect(try Self.rendered(user: template) == "Before\nUnknown.\nGuess.\nAfter no")
    }

    @Test func whatAFactSaysIsNotReadAsTemplate() throws {
        let text = try Self.rendered(user: "{{lyrics}}", lyrics: "{{language}} {{#if x}} {{lyrics}} {{/if}} }} {{")
        #expect(text.contains("{{language}} {{#if x}} {{lyrics}} {{/if}} }} {{"))
    }

    @Test(arguments: [
        ("", "without a name"), ("name: x\n", "without a version"), ("name: X\nversion: 1\n", "without a name"), ("colour: red\n", "unknown header 'colour'"),
        ("name: x\nversion: 0\nstage: lyrics\n", "without a version"), ("name: x\nversion: 1\nstage: song\n", "without a stage"),
        ("name: x\nname: y\n", "repeats the header"), ("name: x\nversion: 1\nstage: lyrics\nanswer-tokens: 9\n", "answer-tokens"), ("hello\n", "is no header"),
    ])
    func aHeaderThatIsWrongIsRefusedWithTheCause(text: String, cause: String) {
        #expect { try PromptTemplate(parsing: text + "[system]\nS\n[user]\nU\n[again]\nA\n") } throws: { ($0 as? CaptionError)?.message.contains(cause) == true }
    }

    @Test(arguments: [
        ("{{lyrics", "without '}}'"), ("lyrics}}", "without '{{'"), ("{{title}}", "uses 'title', which is not known there: use "), ("{{#if language}}x", "not closed"),
        ("{{/if}}", "not open"), ("{{#each lyrics}}{{/each}}", "no list"), ("{{else}}", "outside"), ("{{#if language}}{{else}}{{else}}{{/if}}", "outside"),
        ("{{#while language}}{{/while}}", "which is none"), ("{{}}", "which is none"), ("{{lyrics | raw}}", "which is none"), ("{{> other}}", "which is none"),
        ("{{#if language}}{{/each}}", "not open"), ("{{{lyrics}}}", "not known"),
    ])
    func aTemplateThatIsWrongIsRefusedWithItsLineAndCause(user: String, cause: String) {
        #expect { try PromptTemplate(parsing: Self.file(user: "first\n" + user)) } throws: {
            guard let error = $0 as? CaptionError, error.code == .malformedPrompt else { return false }
            return error.message.contains(cause) && (error.message.contains("line 10 ") || cause == "not closed")
        }
    }

    @Test func theSystemSectionTakesConstantsAlone() throws {
        _ = try PromptTemplate(parsing: Self.file(system: "{{lyrics_words}}"))
        #expect { try PromptTemplate(parsing: Self.file(system: "{{language}}")) } throws: { ($0 as? CaptionError)?.code == .malformedPrompt }
    }

    @Test func sectionsAreThoseThatTheStageHas() {
        for text in [Self.header + "[system]\nS\n[user]\nU\n", Self.file() + "[frames]\nF\n", Self.file() + "[user]\nagain\n", Self.header + "[system]\n" + String(repeating: "x", count: 300_000)] {
            #expect { try PromptTemplate(parsing: text) } throws: { ($0 as? CaptionError)?.code == .malformedPrompt }
        }
    }

    @Test func aLibraryTakesFilesAndKnowsTheNewest() throws {
        var library = try PromptLibrary.builtIn()
        try library.add(Self.file())
        try library.add(Self.file())
        #expect(try library.prompt(for: .lyrics).id == PromptID(name: "lyrics", version: 3))
        #expect(try library.prompt(for: .lyrics, version: 1).id.description == "lyrics@1")
        #expect { try library.add(Self.file(user: "other")) } throws: { ($0 as? CaptionError)?.code == .unknownPrompt }
        #expect { try library.prompt(for: .lyrics, version: 2) } throws: { ($0 as? CaptionError)?.message.contains("lyrics@1, lyrics@3") == true }
    }

    @Test func aPreviewShowsWhatIsSentAndADifferenceItsLines() throws {
        let requests = try Tasks().requests
        let preview = PromptPreview(requests[4]).description
        #expect(preview.contains("prompt: frame-captions@1") && preview.contains("=== system ===") && preview.contains("[picture: frame 15]") && preview.contains(#""enum":[1,2,3"#))
        #expect(LineDifference(from: preview, to: preview).isEmpty)
        #expect(LineDifference(from: "a\nb\nc\nd\ne\nf\ng\nh\ni", to: "a\nb\nc\nd\nx\nf\ng\nh\ni").description == "  b\n  c\n  d\n- e\n+ x\n  f\n  g\n  h\n")
        #expect(LineDifference(from: "a", to: "").description == "- a\n+ \n")
    }
}
