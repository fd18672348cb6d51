/// Writes titles and captions of one clip's frames, one after another, remembering what it has already used.
struct FrameWriter {
    /// Words. The lower bound is the description's; the upper one leaves room there for a sentence about the music.
    private static let minimumWords = 12
    private static let maximumWords = 30

    private enum Detail: Hashable { case comparison, camera, share, contrast, saturation, light }

    private var deck: PhraseDeck
    private var previous: [FrameReading] = []
    private var recentDetails: [Detail?] = []
    private var titles: Set<String> = []
    private var lastAdjective = ""

    init(deck: PhraseDeck) {
        self.deck = deck
    }

    /// Frames must come in order of time.
    mutating func write(_ facts: FrameFacts) -> FrameCaptions.Frame {
        let frame = FrameReading(facts)
        let relation = FrameRelation.of(frame, after: previous)
        let title = title(frame, relation)
        let caption = caption(frame, relation)
        previous.append(frame)
        return FrameCaptions.Frame(index: facts.index, time: facts.time.thousandths ?? 0, title: title, caption: caption)
    }

    private mutating func caption(_ frame: FrameReading, _ relation: FrameRelation) -> String {
        var slots = ["tone": deck.draw("tone \(frame.tone)", FramePhrases.tone[frame.tone] ?? []), "colours": colours(frame)]
        slots["motion"] = deck.draw("motion \(frame.motion)", FramePhrases.motion[frame.motion] ?? [])
        if case .returning(let index) = relation { slots["frame"] = String(index) }
        var text = Phrase.sentence(deck.draw("frame \(relation.tableName)", Self.table(relation)), slots)
        var words = Words.count(text)
        var used: Detail?
        var details = details(frame, relation)
        while let next = details.first, words < Self.minimumWords || (used == nil && wantsDetail(next.kind, relation)) {
            details.removeFirst()
            let sentence = Phrase.sentence(deck.draw("detail \(next.kind) \(next.table.first ?? "")", next.table), next.slots)
            guard words + Words.count(sentence) <= Self.maximumWords else { continue }
            text += " " + sentence
            words = Words.count(text)
            used = used ?? next.kind
        }
        recentDetails.append(used)
        return text
    }

    /// A new picture gets a detail; a picture that goes on gets one now and then, so that the text neither repeats itself nor starves.
    private func wantsDetail(_ kind: Detail, _ relation: FrameRelation) -> Bool {
        switch relation {
        case .opening, .newShot: true
        case .returning: kind != .light
        case .changed, .continuing: recentDetails.suffix(2).allSatisfy { $0 == nil } && kind != .light
        }
    }

    private struct Addition {
        var kind: Detail
        var table: [String]
        var slots: [String: String] = [:]
    }

    /// What there is to add, those first that were not said of late.
    private func details(_ frame: FrameReading, _ relation: FrameRelation) -> [Addition] {
        var additions: [Addition] = []
        if let last = previous.last, relation == .newShot {
            let light = frame.facts.brightness - last.facts.brightness
            if abs(light) >= 0.12 {
                additions.append(Addition(kind: .comparison, table: light > 0 ? FramePhrases.brighterThanBefore : FramePhrases.darkerThanBefore))
            } else if frame.motion != last.motion {
                additions.append(Addition(kind: .comparison, table: frame.motion > last.motion ? FramePhrases.busierThanBefore : FramePhrases.calmerThanBefore))
            }
        }
        if let hint = frame.facts.camera, let table = FramePhrases.camera[hint], hint != previous.last?.facts.camera {
            additions.append(Addition(kind: .camera, table: table))
        }
        if let share = frame.leadingShare, let colour = frame.colours.first {
            additions.append(Addition(kind: .share, table: FramePhrases.share, slots: ["share": share, "share_lower": share, "colour": colour]))
        }
        // Luma's standard deviation: an even ramp from black to white has 0.29.
        if frame.facts.contrast > 0.27 { additions.append(Addition(kind: .contrast, table: FramePhrases.strongContrast)) }
        if frame.facts.contrast < 0.08 { additions.append(Addition(kind: .contrast, table: FramePhrases.weakContrast)) }
        switch frame.colour {
        case .none: additions.append(Addition(kind: .saturation, table: FramePhrases.colourless))
        case .muted: additions.append(Addition(kind: .saturation, table: FramePhrases.muted))
        case .vivid: additions.append(Addition(kind: .saturation, table: FramePhrases.vivid))
        case .natural: break
        }
        let recent = Set(recentDetails.suffix(4).compactMap { $0 })
        let fresh = additions.filter { !recent.contains($0.kind) }
        let light = Addition(kind: .light, table: FramePhrases.light[frame.tone] ?? [])
        return fresh + [light] + additions.filter { recent.contains($0.kind) }
    }

    /// A plural noun phrase.
    private func colours(_ frame: FrameReading) -> String {
        switch frame.colours.count {
        case 0: "assorted tones"
        case 1: frame.colours[0] + " tones"
        default: Phrase.list(frame.colours)
        }
    }

    private mutating func title(_ frame: FrameReading, _ relation: FrameRelation) -> String {
        let nouns = relation.nouns
        var fallback = ""
        // Every noun of the table and every adjective of the look are tried before a title may come twice.
        for _ in nouns.indices {
            let noun = deck.draw("noun \(relation.tableName)", nouns)
            for adjective in adjectives(frame, relation) where !Self.sharesStem(adjective, noun) {
                let title = adjective + " " + noun
                fallback = fallback.isEmpty ? title : fallback
                if adjective != lastAdjective, titles.insert(Self.key(title)).inserted {
                    lastAdjective = adjective
                    return title
                }
            }
        }
        let numbered = fallback + " " + Phrase.capitalised(Phrase.number(frame.facts.index))
        titles.insert(Self.key(numbered))
        return numbered
    }

    private mutating func adjectives(_ frame: FrameReading, _ relation: FrameRelation) -> [String] {
        var adjectives = frame.colours.filter { $0.split(separator: " ").count <= 2 }
            .map { $0.split(separator: " ").map { Phrase.capitalised(String($0)) }.joined(separator: " ") }
        adjectives += TitlePhrases.tone[frame.tone] ?? []
        switch relation {
        case .changed(.moreMotion), .changed(.lessMotion): break
        default: adjectives += TitlePhrases.motion[frame.motion] ?? []
        }
        return deck.order("adjectives \(frame.facts.index)", adjectives)
    }

    /// Two titles of the same words are one title.
    private static func key(_ title: String) -> String {
        title.lowercased().split(separator: " ").sorted().joined(separator: " ")
    }

    private static func sharesStem(_ adjective: String, _ noun: String) -> Bool {
        let stems = Set(adjective.lowercased().split(separator: " ").map { $0.prefix(4) })
        return noun.lowercased().split(separator: " ").contains { stems.contains($0.prefix(4)) }
    }

    private static func table(_ relation: FrameRelation) -> [String] {
        switch relation {
        case .opening: FramePhrases.opening
        case .newShot: FramePhrases.newShot
        case .returning: FramePhrases.returning
        case .continuing: FramePhrases.continuing
        case .changed(let change): FramePhrases.changed[change] ?? FramePhrases.continuing
        }
    }
}

extension FrameRelation {
    var tableName: String {
        switch self {
        case .opening: "opening"
        case .newShot: "new shot"
        case .returning: "returning"
        case .continuing: "continuing"
        case .changed(let change): "changed \(change)"
        }
    }

    var nouns: [String] {
        switch self {
        case .opening: TitlePhrases.opening
        case .newShot: TitlePhrases.newShot
        case .returning: TitlePhrases.returning
        case .continuing: TitlePhrases.continuing
        case .changed(let change): TitlePhrases.changed[change] ?? TitlePhrases.continuing
        }
    }
}
