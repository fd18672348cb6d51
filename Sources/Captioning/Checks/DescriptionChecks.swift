/// Holds texts, whoever wrote them, against the facts. What the rules write passes for every input; what a model writes is repaired or asked
/// for again with the violations named.
public struct DescriptionChecks: Sendable {
    /// Words.
    public static let overviewWords = 60...120
    public static let frameWords = 12...40
    public static let captionWords = 8...40
    public static let titleWords = 2...4

    /// Two texts that share this part of their words are one text in other clothes (Jaccard index of their sets of words).
    public static let nearDuplicate = 0.8

    private let expectedFrames: Int
    private let frameIndices: [Int]
    private let grounding: Grounding
    private let names: NameCheck

    /// - Parameter forbiddenNames: the clip's title, artist and album.
    public init(music: MusicFacts, visual: VisualFacts, source: SourceFacts = SourceFacts(), forbiddenNames: [String] = []) {
        frameIndices = visual.frames.prefix(15).map(\.index)
        expectedFrames = frameIndices.count
        grounding = Grounding(music: music, visual: visual, source: source)
        names = NameCheck(names: forbiddenNames, colours: visual.frames.flatMap(\.palette).map(\.name) + visual.palette.map(\.name))
    }

    /// All that is wrong, in the order of the text; empty where nothing is.
    public func violations(in description: MVDescription) -> [Violation] {
        var violations = typeViolations(description.mvTypes)
        violations += frameOrder(description.frames.map(\.index)) + timeViolations(description.frames)
        violations += bounds(description.overview, Self.overviewWords, "overview") + common(description.overview, "overview")
        violations += grounding.violations(inOverview: description.overview)
        for frame in description.frames {
            violations += titleViolations(frame.title, frame.index)
            let place = "frame \(frame.index)"
            violations += bounds(frame.description, Self.frameWords, place) + common(frame.description, place)
            violations += grounding.violations(in: frame, place: place)
        }
        violations += duplicates(description.frames.map { ($0.index, $0.title, $0.description) })
        return violations
    }

    public func violations(in captions: FrameCaptions) -> [Violation] {
        var violations = frameOrder(captions.frames.map(\.index))
        for frame in captions.frames {
            violations += titleViolations(frame.title, frame.index)
            let place = "frame \(frame.index)"
            violations += bounds(frame.caption, Self.captionWords, place) + common(frame.caption, place)
        }
        return violations + duplicates(captions.frames.map { ($0.index, $0.title, $0.caption) })
    }

    /// For music captions and unified captions.
    public func violations(inMusicText text: String, place: String) -> [Violation] {
        common(text, place) + grounding.violations(inMusicText: text, place: place)
    }

    public func violations(in types: MVTypes) -> [Violation] {
        var violations = typeViolations(types.types.map(\.name))
        for type in types.types {
            if type.confidence.asShare == nil { violations.append(Violation(.mvTypes, "mv_types", "the confidence of '\(type.name.rawValue)' is not in 0…1")) }
            for index in type.evidenceFrames where !frameIndices.contains(index) {
                violations.append(Violation(.mvTypes, "mv_types", "frame \(index) is named as evidence and does not exist"))
            }
        }
        return violations
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
        return range.contains(count) ? [] : [Violation(.words, place, "it has \(count) words: write \(range.lowerBound) to \(range.upperBound)")]
    }

    /// What is wrong in any text.
    private func common(_ text: String, _ place: String, isTitle: Bool = false) -> [Violation] {
        var violations: [Violation] = []
        if let phrase = RefusalPhrases.first(in: text) { violations.append(Violation(.refusal, place, "it says '\(phrase)': describe, or leave it out")) }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) || text.contains("{") || text.contains("http") || text.contains("**") {
            violations.append(Violation(.form, place, "it holds control characters, markup or an address: write plain prose"))
        }
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

/// What a model says instead of an answer.
enum RefusalPhrases {
    private static let phrases = [
        "i'm sorry", "i am sorry", "i cannot", "i can't", "i can not", "i'm unable", "i am unable", "as an ai", "as a language model", "as an assistant",
        "i apologise", "i apologize", "cannot assist", "can't assist", "cannot help with", "unable to assist", "unable to provide", "unable to view",
        "cannot view", "can't view", "cannot see the image", "can't see the image", "no image was provided", "not able to see", "i don't have access",
        "i do not have access", "content policy", "here is the description", "here's the description", "sure, here", "certainly!", "lorem ipsum",
    ]

    static func first(in text: String) -> String? {
        let folded = String(text.lowercased().map { $0 == "’" ? "'" : $0 })
        return phrases.first { folded.contains($0) }
    }
}
