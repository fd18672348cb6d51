import Captioning
import ChatCompletions
import Fleet
import FleetModel

/// What a stage would ask a language model first, of one clip.
public struct TextPreview: Sendable {
    public let stage: CaptionStage
    public let recipe: LanguageModelRecipe
    public let prompt: PromptRequest
    public let request: ChatRequest
}

/// Looks at one clip's requests without sending them. What other texts they are made from is written by the rules.
public struct ClipPreview: Sendable {
    private let catalogue: StageCatalogue
    private let environment: StageEnvironment

    public init(catalogue: StageCatalogue, environment: StageEnvironment) {
        self.catalogue = catalogue
        self.environment = environment
    }

    /// - Parameters:
    ///   - graph: of the job.
    ///   - stages: to look at; nil for all that ask a language model.
    ///   - known: outputs of the clip's stages that are there already.
    /// - Returns: by the graph's order; a stage that has nothing to ask of this clip is left out.
    /// - Throws: what keeps the clip's media from being read; `clip.filtered` where the clip is.
    public func requests(of clip: Clip, in graph: StageGraph, stages only: Set<StageName>? = nil, known: [StageName: String] = [:]) async throws -> [TextPreview] {
        let writing = try graph.stages.filter(Self.asksModel)
        let asking = writing.filter { only?.contains($0.name) ?? true }
        guard !asking.isEmpty else { return [] }
        // All that they stand on, the texts among it by the rules.
        var needed = Set(asking.flatMap(\.requires))
        for plan in graph.stages.reversed() where needed.contains(plan.name) { needed.formUnion(plan.requires) }
        var settings: [StageName: String] = [:]
        for plan in graph.stages where needed.contains(plan.name) && !writing.contains(plan) { settings[plan.name] = plan.recipe.settings }
        let ruled = try catalogue.graph(of: needed.sorted(), settings: settings)
        let outputs = try await SingleClip(catalogue: catalogue, environment: environment).outputs(of: clip, through: ruled, known: known.filter { needed.contains($0.key) })
        let fingerprints = Dictionary(uniqueKeysWithValues: graph.fingerprints(of: clip).map { ($0.stage.name, $0.fingerprint) })
        var previews: [TextPreview] = []
        for plan in asking {
            guard let fingerprint = fingerprints[plan.name], let entry = Self.stages[plan.name] else { continue }
            let task = StageTask(Claim(task: 0, seq: 0, stage: plan.name, fingerprint: fingerprint, settings: plan.recipe.settings, clip: clip,
                                       upstream: outputs.filter { plan.requires.contains($0.key) }, attempt: 0, strikes: 0))
            if let preview = try await entry(task, environment) { previews.append(preview) }
        }
        return previews
    }

    /// Whether a stage of a graph asks a language model.
    public static func asksModel(_ plan: StagePlan) throws -> Bool { try recipe(of: plan) != nil }

    /// The language model's recipe of a stage; nil where no model is asked.
    public static func recipe(of plan: StagePlan) throws -> LanguageModelRecipe? {
        guard let stage = CaptionStage(rawValue: plan.name.rawValue), NoOpSettings(settings: plan.recipe.settings) == nil else { return nil }
        func recipe<Task: CaptionTask>(_ type: Task.Type) throws -> LanguageModelRecipe? {
            if case .model(let recipe) = try CanonicalJSON.decode(CaptionerSettings<Task>.self, from: plan.recipe.settings).writer { recipe } else { nil }
        }
        return switch stage {
        case .musicCaption: try recipe(MusicCaptionTask.self)
        case .lyrics: try recipe(LyricsTask.self)
        case .unifiedCaption: try recipe(UnifiedCaptionTask.self)
        case .mvType: try recipe(MVTypeTask.self)
        case .frameCaptions: try recipe(FrameCaptionsTask.self)
        case .description: try recipe(DescriptionTask.self)
        }
    }

    private typealias Look = @Sendable (StageTask, StageEnvironment) async throws -> TextPreview?

    private static let stages: [StageName: Look] = [
        MusicCaptionStage.descriptor.name: look(MusicCaptionStage.self), LyricsStage.descriptor.name: look(LyricsStage.self),
        UnifiedCaptionStage.descriptor.name: look(UnifiedCaptionStage.self), MVTypeStage.descriptor.name: look(MVTypeStage.self),
        FrameCaptionsStage.descriptor.name: look(FrameCaptionsStage.self), DescriptionStage.descriptor.name: look(DescriptionStage.self),
    ]

    private static func look<S: TextStage>(_ type: S.Type) -> Look {
        { task, environment in
            guard case .model(let recipe) = try CanonicalJSON.decode(S.Settings.self, from: task.claim.settings).writer else { return nil }
            var ladder = CaptionLadder(try S.writing(task, recipe), policy: recipe.ladder)
            guard case .ask(let prompt, _) = ladder.begin() else { return nil }
            let media = try await S.media(task, environment, StageContext(timeLimit: S.descriptor.timeLimit, logger: environment.logger))
            return TextPreview(stage: S.Writing.stage, recipe: recipe, prompt: prompt, request: try ChatRequest(prompt, model: recipe.model, recipe: recipe, media: media))
        }
    }
}
