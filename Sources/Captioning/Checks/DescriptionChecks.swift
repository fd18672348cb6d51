/// Holds texts, whoever wrote them, against the facts. What the rules write passes for every input; what a model writes is repaired or asked
/// for again with the violations named.
public struct DescriptionChecks: Sendable {
    /// Words.
    public static let overviewWords = 60...120
    public static let frameWords = 12...40
    public static let captionWords = 8...40
    public static let titleWords = 2...4
    public static let musicCaptionWords = 15...120
    public static let unifiedCaptionWords = 25...220
    public static let lyricsWords = 15...90
    public static let reasonWords = 3...30

    /// Two texts that share this part of their words are one text in other clothes (Jaccard index of their sets of words).
    public static let nearDuplicate = 0.8

    private let expectedFrames: Int
    private let frameIndices: [Int]
    private let grounding: Grounding
    private let names: NameCheck
    private let quotes: LyricQuotes?

    /// - Parameters:
    ///   - forbiddenNames: the clip's title, artist and album.
    ///   - lyrics: the clip's lyrics, which no text may quote at length; nil where they are not at hand.
    public init(music: MusicFacts, visual: VisualFacts, source: SourceFacts = SourceFacts(), forbiddenNames: [String] = [], lyrics: String? = nil) {
        quotes = LyricQuotes(lyrics)
        frameIndices = visual.frames.prefix(15).map(\.index)
        expectedFrames = frameIndices.count
        grounding = Grounding(music: music, visual: visual, source: source)
        names = NameCheck(names: forbiddenNames, colours: visual.frames.flatMap(\.palette).map(\.name) + visual.palette.map(\.name))
    }

    /// All that is wrong, in the order of the text; empty where nothing is.
    public func violations(in description: MVDescription) -> [Violation] {
        var violations = typeViolations(description.mvTypes)
        violations += frameOrder(description.frames.map(\.index)) + timeViolations(description.frames)
        violations += self.violations(inOverview: description.overview)
        for frame in description.frames {
            violations += titleViolations(frame.title, frame.index) + self.violations(in: frame)
        }
        violations += duplicates(description.frames.map { ($0.index, $0.title, $0.description) })
        return violations
    }

    public func violations(in captions: FrameCaptions) -> [Violation] {
        var violations = frameOrder(captions.frames.map(\.index))
        for frame in captions.frames {
            violations += titleViolations(frame.title, frame.index) + self.violations(inCaption: frame.caption, index: frame.index)
        }
        return violations + duplicates(captions.frames.map { ($0.index, $0.title, $0.caption) })
    }

    func violations(inOverview text: String) -> [Violation] {
        bounds(text, Self.overviewWords, "overview") + common(text, "overview") + grounding.violations(inOverview: text)
    }

    func violations(in frame: MVDescription.Frame) -> [Violation] {
        let place = "frame \(frame.index)"
        return bounds(frame.description, Self.frameWords, place) + common(frame.description, place) + grounding.violations(in: frame, place: place)
    }

    func violations(inCaption text: String, index: Int) -> [Violation] {
        let place = "frame \(index)"
        return bounds(text, Self.captionWords, place) + common(text, place) + grounding.violations(inCaption: text, place: place)
    }

    /// For music captions and unified captions.
    ///
    /// - Parameter words: how many there may be; nil for any number.
    public func violations(inMusicText text: String, place: String, words: ClosedRange<Int>? = nil) -> [Violation] {
        (words.map { bounds(text, $0, place) } ?? []) + common(text, place) + grounding.violations(inMusicText: text, place: place)
    }

    /// For what is said of lyrics.
    public func violations(inLyricsText text: String, place: String) -> [Violation] {
        bounds(text, Self.lyricsWords, place) + common(text, place)
    }

    public func violations(in types: MVTypes) -> [Violation] {
        var violations = typeViolations(types.types.map(\.name))
        for type in types.types {
            if type.confidence.asShare == nil { violations.append(Violation(.mvTypes, "mv_types", "the confidence of '\(type.name.rawValue)' is not in 0…1")) }
            violations += common(type.reason, "reason of \(type.name.rawValue)")
            for index in type.evidenceFrames where !frameIndices.contains(index) {
                violations.append(Violation(.mvTypes, "mv_types", "frame \(index) is named as evidence and does not exist"))
            }
        }
        return violations
    }

    /// For the reason that a model gives for a type.
    func reasonViolations(_ type: MVTypes.Judgement) -> [Violation] {
        bounds(type.reason, Self.reasonWords, "reason of \(type.name.rawValue)")
    }

    private func typeViolations(_ types: [MVType]) -> [Violation] {
        var violations: [Violation] = []
        if !(1...3).contains(types.count) { violations.append(Violation(.mvTypes, "mv_types", "there are \(types.count) types: name one to three")) }
        if Set(types).count != types.count { violations.append(Violation(.mvTypes, "mv_types", "a type is named twice")) }
        return violations
    }

    private func frameOrder(_ indices: [Int]) -> [Violation] {
        indices == frameIndices ? [] : [Violation(.frames, "frames", "the frames are numbered \(indices.prefix(20)): \(expectedFrames) are needed, numbered \(frameIndices)")]
    }

    private func timeViolations(_ frames: [MVDescription.Frame]) -> [Violation] {
        var violations: [Violation] = []
        var last = -Double.infinity
        for frame in frames {
            if !(frame.start.isFinite && frame.end.isFinite && frame.start >= last && frame.end >= frame.start) {
                violations.append(Violation(.frames, "frame \(frame.index)", "its times \(frame.start)…\(frame.end) s do not follow the frame before"))
            }
            last = frame.start
        }
        return violations
    }

    private func titleViolations(_ title: String, _ index: Int) -> [Violation] {
        let place = "frame \(index) title"
        return bounds(title, Self.titleWords, place) + common(title, place, isTitle: true)
    }

    private func bounds(_ text: String, _ range: ClosedRange<Int>, _ place: String) -> [Violation] {
        let count = Words.count(text)
        if range.contains(count) { return [] }
        return [Violation(.words, place, "it \(count == 0 ? "is missing" : "has \(count) words"): write \(range.lowerBound) to \(range.upperBound)")]
    }

    /// What is wrong in any text.
    private func common(_ text: String, _ place: String, isTitle: Bool = false) -> [Violation] {
        var violations: [Violation] = []
        if let phrase = RefusalPhrases.first(in: text) { violations.append(Violation(.refusal, place, "it says '\(phrase)': describe, or leave it out")) }
        if TextForm.hasForeignCharacters(text) || TextForm.hasMarkup(text) {
            violations.append(Violation(.form, place, "it holds control characters, markup or an address: write plain prose"))
        }
        if TextForm.isOtherScript(text) { violations.append(Violation(.language, place, "it is not in English: write English prose")) }
        if let sentence = TextForm.repeatedSentence(in: text) { violations.append(Violation(.nearDuplicate, place, "it says twice '\(sentence)': say it once")) }
        if let passage = quotes?.first(in: text) { violations.append(Violation(.quote, place, "it quotes the lyrics with '\(passage)': say it in other words")) }
        for name in names.found(in: text, isTitle: isTitle) {
            violations.append(Violation(.name, place, "it gives away the name '\(name)': leave out titles, artists and albums"))
        }
        return violations
    }

    private func duplicates(_ frames: [(index: Int, title: String, text: String)]) -> [Violation] {
        var violations: [Violation] = []
        let titles = frames.map { Set(Words.of($0.title.lowercased())) }
        let texts = frames.map { Set(Words.of($0.text.lowercased())) }
        // At most 15 frames are expected; a model's flood of them is not compared pair by pair.
        for later in frames.indices.prefix(64) {
            for earlier in frames.indices.prefix(later) {
                if titles[earlier] == titles[later] {
                    violations.append(Violation(.nearDuplicate, "frame \(frames[later].index) title", "it repeats the title of frame \(frames[earlier].index)"))
                }
                if Self.similarity(texts[earlier], texts[later]) >= Self.nearDuplicate {
                    violations.append(Violation(.nearDuplicate, "frame \(frames[later].index)", "it repeats frame \(frames[earlier].index) almost word for word"))
                }
            }
        }
        return violations
    }

    private static func similarity(_ left: Set<String>, _ right: Set<String>) -> Double {
        let shared = left.intersection(right).count
        let total = left.count + right.count - shared
        return total == 0 ? 1 : Double(shared) / Double(total)
    }
}
