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

    /// A recipe names its prompt by name, version and digest, and results hang on it: other words are a new version in a file of its own.
    @Test func aPromptThatWasUsedNeverChanges() throws {
        let digests = Dictionary(uniqueKeysWithValues: try PromptLibrary.builtIn().all.map { ($0.id.description, $0.digest) })
        #expect(digests == [
            "description@1": "70c0521a68f4253a8acdc00d076bbf9dbb5846d08ecbab4c4f6eb8e9dc05a2d8",
            "frame-captions@1": "97babb94f202ea0cca93849cb53854350887440cbde66351e9186f1945760019",
            "lyrics@1": "4d7a0c4af92efafc575f99705bb052d25c6c7d45d3150af06cc4df7eb67303a4",
            "music-caption@1": "1c9f401af4a73da0b89a200f1151bdece2e69aabdba9f96cc0ff6f3984340b0d",
            "mv-type@1": "47b21cc8b0916f344ffffead3d88ec77f179b838166b5664158c0ea4ec8a3d76",
            "unified-caption@1": "d0c8844488829aec3bfc45ed01130163e51950413ba7f696c49c9579307a1f85",
        ])
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
