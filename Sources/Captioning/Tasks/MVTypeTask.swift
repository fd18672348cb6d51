/// Which of the ten kinds a video is of, with the frames that show it (arXiv 2503.11190, §2.1.2).
public struct MVTypeTask: CaptionTask {
    public static let stage = CaptionStage.mvType

    /// Kinds that are named.
    private static let count = 1...3

    public let prompt: PromptTemplate
    private let shown: ShownFrames
    private let seed: String

    public init(prompt: PromptTemplate, visual: VisualFacts, pictures: FramePictures, forbiddenNames: [String] = [], seed: String) {
        self.prompt = prompt
        self.seed = seed
        shown = ShownFrames(visual, as: pictures, forbiddenNames: forbiddenNames)
    }

    public var settled: MVTypes? { shown.indices.isEmpty ? RuleCaptioner(seed: seed).mvTypes(shown.visual) : nil }

    public var facts: PromptFacts { shown.facts }

    public func form(frames: [Int]?) -> AnswerForm {
        let judgement = AnswerForm.Shape.object([
            .init("name", .oneOf(MVType.allCases.map(\.rawValue))), .init("evidence_frames", .list(.frame(of: shown.indices), count: 0...max(shown.indices.count, 1))),
            .init("confidence", .number), .init("reason", .string),
        ])
        return AnswerForm(name: "mv_types", members: [.init("types", .list(judgement, count: Self.count))])
    }

    public func draft(from answer: JSONValue, frames: [Int]?) throws(AnswerFault) -> MVTypes {
        guard let items = answer["types"]?.array else { throw AnswerFault(.json, "answer", "its 'types' is no list: write one to three objects there") }
        var types: [MVTypes.Judgement] = []
        for item in items.prefix(MVType.allCases.count) {
            guard let name = item["name"]?.string, let confidence = item["confidence"]?.number, let reason = item["reason"]?.string,
                  let frames = item["evidence_frames"]?.array else {
                throw AnswerFault(.json, "answer", "a type lacks 'name', 'evidence_frames', 'confidence' or 'reason'")
            }
            guard let type = Self.type(name) else {
                throw AnswerFault(.mvTypes, "answer", "there is no type of that name: use \(MVType.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            types.append(.init(name: type, evidenceFrames: frames.compactMap(\.integer), confidence: confidence, reason: reason))
        }
        return MVTypes(types: types, source: "")
    }

    /// Letters alone tell the ten names apart.
    private static func type(_ name: String) -> MVType? {
        func letters(_ text: String) -> String { String(text.lowercased().filter(\.isLetter)) }
        return MVType.allCases.first { letters($0.rawValue) == letters(name) }
    }

    /// The most likely first, each once, at most three; percentages as shares; frames in order, each once, those alone that exist.
    public func tidied(_ draft: MVTypes) -> MVTypes {
        var seen: Set<MVType> = []
        let types = draft.types.filter { seen.insert($0.name).inserted }.map { type -> MVTypes.Judgement in
            let share = type.confidence > 1 && type.confidence <= 100 ? type.confidence / 100 : type.confidence
            let frames = Set(type.evidenceFrames).intersection(shown.indices).sorted()
            return .init(name: type.name, evidenceFrames: frames.isEmpty ? type.evidenceFrames : frames, confidence: share.thousandths ?? share,
                         reason: Prose.shortened(Prose.paragraph(type.reason), to: DescriptionChecks.reasonWords))
        }
        let ordered = types.enumerated().sorted { ($1.element.confidence, $0.offset) < ($0.element.confidence, $1.offset) }.map(\.element)
        return MVTypes(types: Array(ordered.prefix(Self.count.upperBound)), source: draft.source)
    }

    public func violations(in draft: MVTypes) -> [Violation] {
        shown.checks.violations(in: draft) + draft.types.flatMap { shown.checks.reasonViolations($0) }
    }

    public func answer(_ draft: MVTypes, source: CaptionSource, quality: CaptionQuality) -> MVTypes {
        MVTypes(types: draft.types, source: source, quality: quality)
    }

    public func ruled(_ quality: CaptionQuality) -> MVTypes {
        var types = RuleCaptioner(seed: seed).mvTypes(shown.visual)
        types.quality = quality
        return types
    }
}
