/// The overview and the frame-by-frame breakdown (arXiv 2503.11190, Fig. 4): frame captions, the unified caption, what the lyrics are about and the
/// types, with each frame's place in the music. Times, positions and chords of the result are filled by code.
public struct DescriptionTask: CaptionTask {
    /// What the stage has from the stages before it.
    public struct Inputs: Hashable, Sendable {
        public var frames: FrameCaptions
        public var visual: VisualFacts
        public var unified: UnifiedCaption
        public var lyrics: LyricsUnderstanding
        public var types: MVTypes
        public var music: MusicFacts
        public var source: SourceFacts

        public init(frames: FrameCaptions, visual: VisualFacts, unified: UnifiedCaption, lyrics: LyricsUnderstanding, types: MVTypes, music: MusicFacts,
                    source: SourceFacts = SourceFacts()) {
            self.frames = frames
            self.visual = visual
            self.unified = unified
            self.lyrics = lyrics
            self.types = types
            self.music = music
            self.source = source
        }
    }

    public static let stage = CaptionStage.description

    static let vocabulary: [String: PromptVocabulary.Kind] = [
        "frame_count": .text, "frame_list": .text, "frame_captions": .data, "unified_caption": .data, "lyrics_summary": .data, "is_instrumental": .flag,
        "types": .text, "cut_count": .text, "cuts_on_downbeats": .text, "duration": .text,
        "frames": .list(PromptVocabulary(["index": .text, "start": .text, "end": .text, "bar": .text, "sync": .text, "chords": .text])),
    ]

    /// Characters that are shown of each text that another stage wrote.
    private static let textLimit = 4000

    public let prompt: PromptTemplate
    private let inputs: Inputs
    private let checks: DescriptionChecks
    private let indices: [Int]
    /// What the rules write: its figures are those of every answer.
    private let frame: MVDescription
    private let reading: MusicReading

    /// - Parameter lyrics: the clip's lyrics, which no text may quote; they are not shown to the model.
    public init(prompt: PromptTemplate, inputs: Inputs, forbiddenNames: [String] = [], lyrics: String? = nil, seed: String) {
        self.prompt = prompt
        self.inputs = inputs
        checks = DescriptionChecks(music: inputs.music, visual: inputs.visual, source: inputs.source, forbiddenNames: forbiddenNames, lyrics: lyrics)
        indices = inputs.visual.frames.prefix(15).map(\.index)
        var captions = inputs.frames
        // A frame whose caption is missing still has its place and its figures.
        captions.frames += indices.filter { index in !captions.frames.contains { $0.index == index } }.map { .init(index: $0, time: 0, title: "", caption: "") }
        frame = RuleCaptioner(seed: seed).description(frames: captions, visual: inputs.visual, unified: inputs.unified, lyrics: inputs.lyrics,
                                                      types: inputs.types, music: inputs.music, source: inputs.source)
        reading = MusicReading(inputs.music)
    }

    public var settled: MVDescription? { nil }

    public var facts: PromptFacts { facts(only: indices) }

    public func facts(_ frames: [Int], beside draft: FramesDraft) -> PromptFacts { facts(only: frames).merging(.kept(draft, without: frames)) }

    private func facts(only indices: [Int]) -> PromptFacts {
        let captions = inputs.frames.frames.filter { indices.contains($0.index) }.map { "Frame \($0.index): \($0.title). \($0.caption)" }
        let grid = SyncGrid(reading)
        let cuts = inputs.visual.cuts
        var facts = PromptFacts([
            "frame_count": .text(String(indices.count)),
            "frame_list": .text(indices.map { String($0) }.joined(separator: ", ")),
            "frame_captions": .data(UntrustedText(lines: captions, lineLimit: 600, count: 15)),
            "unified_caption": .data(UntrustedText(inputs.unified.text, limit: Self.textLimit)),
            "lyrics_summary": .data(UntrustedText(inputs.lyrics.text ?? "", limit: Self.textLimit)),
            "is_instrumental": .flag(inputs.lyrics.status == .instrumental),
        ])
        facts["types"] = .text(inputs.types.types.map(\.name.rawValue).joined(separator: ", "))
        facts["cut_count"] = .text(Phrase.count(cuts.count, "cut"))
        facts["cuts_on_downbeats"] = .text(grid.hasDownbeats && !cuts.isEmpty ? "\(cuts.count { grid.isOnDownbeat($0) }) of \(cuts.count)" : "")
        facts["duration"] = .text(PromptFacts.seconds(inputs.visual.duration))
        facts["frames"] = .list(frame.frames.filter { indices.contains($0.index) }.map(facts(of:)))
        return facts.merging(.music(inputs.music)).merging(.catalogue(inputs.source))
    }

    private func facts(of frame: MVDescription.Frame) -> PromptFacts {
        let sync = frame.sync
        var claims: [String] = []
        if sync.cutOnDownbeat { claims.append("a cut falls on a downbeat") } else if sync.cutOnBeat { claims.append("a cut falls on a beat") }
        if sync.onDownbeat { claims.append("the picture falls on a downbeat") } else if sync.onBeat { claims.append("the picture falls on a beat") }
        let chords = reading.sureChords.filter { $0.start < frame.end && $0.end > frame.start }.compactMap { reading.prose(ofChord: $0.label) }
        return PromptFacts([
            "index": .text(String(frame.index)), "start": .text(PromptFacts.seconds(frame.start)), "end": .text(PromptFacts.seconds(frame.end)),
            "bar": .text(sync.bar.map { String($0) } ?? ""), "sync": .text(claims.joined(separator: "; ")),
            "chords": .text(chords.reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }.prefix(4).joined(separator: ", ")),
        ])
    }

    public func form(frames: [Int]?) -> AnswerForm {
        let members = AnswerForm.Member.frames(frames ?? indices, text: "description")
        return frames == nil ? AnswerForm(name: "mv_description", members: [.init("overview", .string), members]) : AnswerForm(name: "mv_description_frames", members: [members])
    }

    public func draft(from answer: JSONValue, frames: [Int]?) throws(AnswerFault) -> FramesDraft {
        try FramesDraft(answer, member: "description", hasOverview: frames == nil, expected: frames ?? indices)
    }

    public func tidied(_ draft: FramesDraft) -> FramesDraft {
        let overview = draft.overview.map { text in
            let range = DescriptionChecks.overviewWords
            let grounded = Prose.grounded(Prose.paragraph(text), in: range) { checks.violations(inOverview: $0).filter { $0.rule != .words } }
            return Prose.shortened(grounded, to: range)
        }
        let range = DescriptionChecks.frameWords
        return FramesDraft(overview: overview, frames: draft.frames.map { written in
            var place = figures(of: written.index)
            let text = Prose.grounded(Prose.paragraph(written.text), in: range) { text in
                place.description = text
                return checks.violations(in: place).filter { $0.rule != .words }
            }
            return FramesDraft.Frame(index: written.index, title: Prose.title(written.title), text: Prose.shortened(text, to: range))
        })
    }

    public func violations(in draft: FramesDraft) -> [Violation] { checks.violations(in: description(draft, source: "")) }

    public func failingFrames(_ violations: [Violation]) -> [Int] { FramesDraft.failing(violations, expected: indices) }

    public func merging(_ draft: FramesDraft, _ frames: [Int], from other: FramesDraft) -> FramesDraft { draft.merging(frames, from: other) }

    public func answer(_ draft: FramesDraft, source: CaptionSource, quality: CaptionQuality) -> MVDescription {
        var description = description(draft, source: source)
        description.quality = quality
        return description
    }

    public func ruled(_ quality: CaptionQuality) -> MVDescription {
        var description = frame
        description.frames.removeAll { $0.description.isEmpty }
        description.quality = quality
        return description
    }

    /// A frame's figures without words.
    private func figures(of index: Int) -> MVDescription.Frame {
        frame.frames.first { $0.index == index } ?? MVDescription.Frame(index: index, start: 0, end: 0, title: "", description: "", sync: SyncPoint())
    }

    private func description(_ draft: FramesDraft, source: CaptionSource) -> MVDescription {
        var description = frame
        description.overview = draft.overview ?? ""
        description.frames = draft.frames.map { written in
            var place = figures(of: written.index)
            place.title = written.title
            place.description = written.text
            return place
        }
        description.provenance.source = source
        description.provenance.version = prompt.id.version
        return description
    }
}
