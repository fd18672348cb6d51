import Captioning
import Foundation
import Testing

@Suite struct RuleCaptionerPropertyTests {
    private static let names = ["The Unsayable Names", "Ann Other", "Blue", "The Cut", "Live Performance", "1975", "Umbrella", "Dark Blue", "Motion", "Silence"]

    @Test func whatTheRulesWritePassesItsOwnChecksForEveryInput() {
        for seed in 0..<200 as Range<UInt64> {
            let facts = GeneratedFacts(seed: seed)
            let texts = RuleCaptioner(seed: "clip \(seed)").chain(facts, lyrics: seed % 3 == 0 ? "la la la" : nil)
            let checks = DescriptionChecks(music: facts.music, visual: facts.visual, source: facts.source, forbiddenNames: Self.names)
            var violations = checks.violations(in: texts.description) + checks.violations(in: texts.frames) + checks.violations(in: texts.types)
            violations += checks.violations(inMusicText: texts.caption.text, place: "music caption")
            violations += checks.violations(inMusicText: texts.unified.text, place: "unified caption")
            #expect(violations == [], "seed \(seed): \(texts.description.text.rendered)\n\(texts.unified.text)")
            if !violations.isEmpty { return }
        }
    }

    @Test func everyTextIsWellFormedEnglish() {
        for seed in 0..<120 as Range<UInt64> {
            let texts = RuleCaptioner(seed: "\(seed)").chain(GeneratedFacts(seed: seed))
            let all = [texts.caption.text, texts.unified.text, texts.description.overview] + texts.description.frames.map(\.description)
            for text in all {
                #expect(!text.contains("  ") && !text.contains(" ,") && !text.contains(" .") && !text.contains("..") && !text.contains("{") && !text.contains("}"), "\(text)")
                #expect(text.hasSuffix(".") && text.first?.isLowercase == false, "\(text)")
                let words = text.lowercased().split(whereSeparator: { !$0.isLetter && $0 != "'" })
                #expect(!zip(words, words.dropFirst()).contains { $0 == $1 }, "a word twice: \(text)")
                for (article, word) in zip(words, words.dropFirst()) where article == "a" && !text.contains("A m") {
                    #expect(!"aeio".contains(word.first ?? " ") || word.hasPrefix("one"), "\(article) \(word): \(text)")
                }
            }
        }
    }

    @Test func theSameFactsAndSeedGiveTheSameBytesAndAnotherSeedOtherWords() throws {
        let facts = GeneratedFacts(seed: 7)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let once = try encoder.encode(RuleCaptioner(seed: "a").chain(facts).description)
        #expect(try encoder.encode(RuleCaptioner(seed: "a").chain(facts).description) == once)
        #expect(try encoder.encode(RuleCaptioner(seed: "b").chain(facts).description) != once)
        #expect(try JSONDecoder().decode(MVDescription.self, from: once) == RuleCaptioner(seed: "a").chain(facts).description)
    }

    @Test func theTextFormIsReadBackAsItWasWritten() throws {
        for seed in 0..<60 as Range<UInt64> {
            let text = RuleCaptioner(seed: "\(seed)").chain(GeneratedFacts(seed: seed)).description.text
            #expect(try DescriptionText(parsing: text.rendered) == text)
        }
    }

    @Test func factsThatAreNoNumbersDoNoHarm() throws {
        let odd = [Double.nan, .infinity, -.infinity, 1e300, -1e300, 0]
        for value in odd {
            let music = MusicFacts(duration: value, tempo: value, tempoConfidence: value, tempoAlternatives: [TempoAlternative(bpm: value, strength: 1)],
                                   beats: [value, 1], downbeats: [value], beatsPerBar: Int.max, metreConfidence: 1, key: "H# major", keyConfidence: value,
                                   chords: [ChordSpan(start: value, end: value, label: "C:maj", confidence: value)], integratedLoudness: value,
                                   loudnessRange: value, energyArc: Array(repeating: value, count: 9), onsetRate: value, brightness: value, percussiveness: value)
            let frames = (1...20).map { FrameFacts(index: $0, time: value, brightness: value, contrast: value, saturation: value,
                                                   palette: [PaletteColour("Ev{i}l\n", value), PaletteColour("grey", value)], motion: value) }
            let visual = VisualFacts(duration: value, frames: frames, cuts: [value], averageShotLength: value, motionMean: value, brightnessMean: value)
            let texts = RuleCaptioner(seed: "x").chain(music: music, source: SourceFacts(energy: value, valence: value), visual: visual)
            #expect(try JSONEncoder().encode(texts.description).count > 100)
            _ = DescriptionChecks(music: music, visual: visual).violations(in: texts.description)
        }
    }
}
