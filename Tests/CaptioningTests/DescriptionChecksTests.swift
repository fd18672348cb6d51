import Captioning
import Testing

/// Each rule finds its fault in a text that was right before.
@Suite struct DescriptionChecksTests {
    private let good = RuleCaptioner(seed: "checks").chain(music: Example.music, source: Example.source, visual: Example.visual).description

    private func rules(names: [String] = [], music: MusicFacts = Example.music, _ change: (inout MVDescription) -> Void) -> Set<Violation.Rule> {
        var description = good
        change(&description)
        let checks = DescriptionChecks(music: music, visual: Example.visual, source: Example.source, forbiddenNames: names, lyrics: Self.lyrics)
        return Set(checks.violations(in: description).map(\.rule))
    }

    private static let lyrics = "Every morning\nshe leaves her keys beside / the old radio,\nla la la"
    private static let opening = "The picture shows a street at dusk with people who walk along slowly, and "

    @Test func aGoodDescriptionHasNoViolation() {
        #expect(rules { _ in } == [])
    }

    @Test(arguments: [
        ("the music is very slow.", Violation.Rule.tempo), ("the track runs at 150 BPM.", .tempo), ("the key is C minor.", .key),
        ("a minor key darkens the music.", .key), ("F sharp minor sounds.", .chord), ("a downbeat strikes.", .sync),
        ("it moves exactly in sync with what is heard.", .sync), ("bar nine begins.", .sync), ("three beats fill each bar.", .metre), ("37 birds rise.", .number),
        ("I'm sorry, but I cannot see the image.", .refusal), ("{\"title\": 1} follows.", .form), ("Nora Quill sings to them.", .name), ("too short", .words),
        ("the music goes on in an allegro of its own, as an adagio.", .tempo), ("ночь опускается на город, и люди идут домой", .language),
        ("a light \u{202E}goes up.", .form), ("a light\u{200B} goes up.", .form), ("one can ignore the above entirely.", .refusal),
        ("she leaves her keys beside the old radio again.", .quote), ("a light goes up. Then it sinks. Then it sinks again. Then it sinks again.", .nearDuplicate),
    ])
    func aClaimWithoutGroundIsNamed(text: String, rule: Violation.Rule) {
        let found = rules(names: ["Nora Quill"]) { $0.frames[4].description = text == "too short" ? text : Self.opening + text }
        #expect(found == [rule])
    }

    @Test(arguments: [
        "the music runs at 62 BPM.", "the brisk music goes on.", "the key is E♭ major.", "D# major and A#:maj sound.", "a minor change follows.",
        "30 seconds are nearly over.", "one slow cut passes by.",
    ])
    func aClaimThatTheFactsBearOutPasses(text: String) {
        #expect(rules(names: ["Nora Quill", "Change", "Street"]) { $0.frames[4].description = Self.opening + text } == [])
    }

    @Test func thePapersOwnFaultIsFound() {
        // Fig. 3 calls a clip of 85.7 BPM very fast.
        let music = MusicFacts(duration: 30, tempo: 85.7, tempoConfidence: 0.9)
        let checks = DescriptionChecks(music: music, visual: Example.visual)
        #expect(checks.violations(inMusicText: "The music has a very fast tempo.", place: "caption").map(\.rule) == [.tempo])
        #expect(checks.violations(inMusicText: "The music has a relaxed tempo of 85.7 BPM, or 171 BPM.", place: "caption") == [])
    }

    @Test func aCaptionOfPicturesMayCountThemButSayNothingOfMusic() {
        var captions = RuleCaptioner(seed: "checks").frameCaptions(Example.visual)
        let checks = DescriptionChecks(music: .unavailable, visual: Example.visual)
        captions.frames[2].caption = "A house with the number 1975 on its door stands in the light of a lamp."
        #expect(checks.violations(in: captions) == [])
        captions.frames[2].caption = "A fast track at 128 BPM in C minor plays while people walk along the street."
        #expect(Set(checks.violations(in: captions).map(\.rule)) == [.tempo, .chord])
    }

    @Test func lyricsInAScriptWithoutSpacesAreFoundToo() {
        let checks = DescriptionChecks(music: .unavailable, visual: Example.visual, lyrics: "夜の街を歩いて君の声を探していた")
        let text = "The words say 夜の街を歩いて君の声を探して and little else, and the rest of this long sentence is plain English prose that goes on for a while and then ends at last."
        #expect(checks.violations(inMusicText: text, place: "caption").map(\.rule).contains(.quote))
        #expect(!checks.violations(inMusicText: "The singer walks through a city at night. 夜の街", place: "caption").map(\.rule).contains(.quote))
    }

    @Test func framesMissingDoubledOrRepeatedAreFound() {
        #expect(rules { $0.frames.removeLast() } == [.frames])
        #expect(rules { $0.frames[3].index = 3 } == [.frames])
        #expect(rules { $0.frames[3].end = 1 } == [.frames])
        #expect(rules { $0.frames[8].title = $0.frames[7].title } == [.nearDuplicate])
        #expect(rules { $0.frames[7].description = $0.frames[4].description } == [.nearDuplicate])
        #expect(rules { $0.mvTypes = [] } == [.mvTypes])
        #expect(rules { $0.overview = "Every cut lands on a downbeat. " + $0.overview }.contains(.sync))
    }

    @Test func anOverviewClaimsNoMoreSynchronyThanWasMeasured() {
        func rules(_ sentence: String, beats: [Double]) -> [Violation.Rule] {
            var music = Example.music
            music.beats = beats
            let checks = DescriptionChecks(music: music, visual: Example.visual, source: Example.source)
            var description = good
            description.overview = good.overview.split(separator: ".").filter { !$0.contains("downbeat") }.joined(separator: ".") + ". " + sentence
            return checks.violations(in: description).filter { $0.place == "overview" && $0.rule == .sync }.map(\.rule)
        }
        #expect(rules("Some cuts land on the beat.", beats: Example.music.beats) == [])
        #expect(rules("Every cut lands on the beat.", beats: Example.music.beats) == [.sync])
        #expect(rules("Some cuts land on the beat.", beats: []) == [.sync])
        #expect(rules("The editing moves in time with the track.", beats: []) == [.sync])
        #expect(rules("The beat is steady.", beats: []) == [])
        let loose = DescriptionChecks(music: MusicFacts(duration: 30, tempo: 100, tempoConfidence: 0.9), visual: Example.visual)
        #expect(loose.violations(inMusicText: "The downbeats drive the piece.", place: "caption").map(\.rule) == [.metre])
    }

    @Test func withoutSoundNothingMayBeClaimedOfIt() {
        #expect(rules(music: .unavailable) { _ in }.isSuperset(of: [.tempo, .chord, .sync]))
    }
}

@Suite struct DescriptionTextTests {
    @Test func aModelsVariantsOfTheFormAreRead() throws {
        let text = try DescriptionText(parsing: "## **Overview:**\n\nA film\nof light.\n\n### Frame-by-Frame Breakdown\r\n1. **One Light:** Begins.\n\n2. **Two Lights**: Ends.\n\nThis closes it.\n")
        #expect(text == DescriptionText(overview: "A film of light.", frames: [.init(index: 1, title: "One Light", text: "Begins."), .init(index: 2, title: "Two Lights", text: "Ends.")]))
    }

    @Test(arguments: ["", "Overview\nonly this", "Frame-by-frame Breakdown\n1. **A B**: c", "Overview\na\nFrame-by-frame Breakdown\n- no frame", String(repeating: "x", count: 300_000)])
    func whatIsNotTheFormIsRefusedWithTheCause(text: String) {
        #expect { try DescriptionText(parsing: text) } throws: { ($0 as? CaptionError)?.code == .malformedText }
    }
}
