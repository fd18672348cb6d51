/// One title and one caption per sampled frame, of what is seen.
public struct FrameCaptionsTask: CaptionTask {
    public static let stage = CaptionStage.frameCaptions

    public let prompt: PromptTemplate
    private let shown: ShownFrames
    private let seed: String

    public init(prompt: PromptTemplate, visual: VisualFacts, pictures: FramePictures, forbiddenNames: [String] = [], seed: String) {
        self.prompt = prompt
        self.seed = seed
        shown = ShownFrames(visual, as: pictures, forbiddenNames: forbiddenNames)
    }

    /// Without pictures there is nothing to see.
    public var settled: FrameCaptions? { shown.indices.isEmpty ? RuleCaptioner(seed: seed).frameCaptions(shown.visual) : nil }

    public var facts: PromptFacts { shown.facts }

    public func facts(_ frames: [Int], beside draft: FramesDraft) -> PromptFacts {
        shown.facts(only: frames).merging(.kept(draft, without: frames))
    }

    public func form(frames: [Int]?) -> AnswerForm {
        AnswerForm(name: "frame_captions", members: [.frames(frames ?? shown.indices, text: "caption")])
    }

    public func draft(from answer: JSONValue, frames: [Int]?) throws(AnswerFault) -> FramesDraft {
        try FramesDraft(answer, member: "caption", hasOverview: false, expected: frames ?? shown.indices)
    }

    public func tidied(_ draft: FramesDraft) -> FramesDraft {
        let range = DescriptionChecks.captionWords
        return FramesDraft(overview: nil, frames: draft.frames.map { frame in
            let text = Prose.grounded(Prose.paragraph(frame.text), in: range) { text in
                shown.checks.violations(inCaption: text, index: frame.index).filter { $0.rule != .words }
            }
            return FramesDraft.Frame(index: frame.index, title: Prose.title(frame.title), text: Prose.shortened(text, to: range))
        })
    }

    public func violations(in draft: FramesDraft) -> [Violation] { shown.checks.violations(in: captions(draft, source: "", quality: nil)) }

    public func failingFrames(_ violations: [Violation]) -> [Int] { FramesDraft.failing(violations, expected: shown.indices) }

    public func merging(_ draft: FramesDraft, _ frames: [Int], from other: FramesDraft) -> FramesDraft { draft.merging(frames, from: other) }

    public func answer(_ draft: FramesDraft, source: CaptionSource, quality: CaptionQuality) -> FrameCaptions { captions(draft, source: source, quality: quality) }

    public func ruled(_ quality: CaptionQuality) -> FrameCaptions {
        var captions = RuleCaptioner(seed: seed).frameCaptions(shown.visual)
        captions.quality = quality
        return captions
    }

    private func captions(_ draft: FramesDraft, source: CaptionSource, quality: CaptionQuality?) -> FrameCaptions {
        let times = Dictionary(shown.visual.frames.map { ($0.index, $0.time.thousandths ?? 0) }, uniquingKeysWith: { first, _ in first })
        return FrameCaptions(frames: draft.frames.map { .init(index: $0.index, time: times[$0.index] ?? 0, title: $0.title, caption: $0.text) }, source: source, quality: quality)
    }
}

extension AnswerForm.Member {
    /// One object for each frame: its number, a title, a text.
    static func frames(_ indices: [Int], text: String) -> AnswerForm.Member {
        .init("frames", .list(.object([.init("index", .frame(of: indices)), .init("title", .string), .init(text, .string)]), count: indices.count...indices.count))
    }
}
