/// A way to an answer that holds. Deterministic repair is tried on every answer and is no step of its own; see ``CaptionQuality/Attempt/repairs``.
public enum LadderStep: String, Hashable, Sendable, Codable, CodingKeyRepresentable, CaseIterable {
    /// The prompt as it is.
    case first
    /// The same model, with what was wrong named.
    case reask
    /// The same model, for the failing frames alone.
    case frames
    /// Another model, with the prompt as it is.
    case fallbackModel = "fallback_model"
    /// No model: what the rules write.
    case rules
}

/// Which steps are taken, in which order.
public struct LadderPolicy: Hashable, Sendable {
    /// Begins with `first`. Each entry is one request; `reask` may stand more than once.
    public var steps: [LadderStep]

    public init(steps: [LadderStep]) {
        self.steps = steps
    }

    /// - Parameters:
    ///   - reasks: how often the whole answer is asked for again, 0…3.
    ///   - asksFramesAlone: whether frames that fail are then asked for alone.
    ///   - hasFallbackModel: whether the recipe declares another model.
    ///   - fallsBackToRules: whether the recipe declares the rules.
    public init(reasks: Int = 1, asksFramesAlone: Bool = true, hasFallbackModel: Bool = false, fallsBackToRules: Bool = false) {
        steps = [.first] + Array(repeating: .reask, count: min(max(reasks, 0), 3))
        if asksFramesAlone { steps.append(.frames) }
        if hasFallbackModel { steps.append(.fallbackModel) }
        if fallsBackToRules { steps.append(.rules) }
    }
}
