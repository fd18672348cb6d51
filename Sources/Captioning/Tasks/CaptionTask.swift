/// One text of one clip that a language model is asked for: the prompt with the clip's facts, how an answer is read, and what it is held against.
/// The model fills only words; every figure of the result is filled by code.
public protocol CaptionTask: Sendable {
    /// The words of an answer.
    associatedtype Draft: Hashable, Sendable
    /// The stage's output.
    associatedtype Answer: Sendable

    static var stage: CaptionStage { get }

    var prompt: PromptTemplate { get }

    /// The output where there is nothing to ask a model: no lyrics, no sound, no pictures. Nil where there is.
    var settled: Answer? { get }

    /// What the prompt's names stand for.
    var facts: PromptFacts { get }

    /// What they stand for where only these frames are asked for, beside the others of a draft.
    func facts(_ frames: [Int], beside draft: Draft) -> PromptFacts

    /// - Parameter frames: the frames that are asked for; nil for the whole answer.
    func form(frames: [Int]?) -> AnswerForm

    /// Takes the words out of an answer's JSON.
    ///
    /// - Parameter frames: as for the request that was answered.
    func draft(from answer: JSONValue, frames: [Int]?) throws(AnswerFault) -> Draft

    /// The draft with what can be put right without asking: marks, white space, sentences too many, sentences that the facts do not bear out.
    func tidied(_ draft: Draft) -> Draft

    func violations(in draft: Draft) -> [Violation]

    /// The indices of the frames to which alone the violations belong; empty where something else is wrong too.
    func failingFrames(_ violations: [Violation]) -> [Int]

    /// The draft with these frames' words from another.
    func merging(_ draft: Draft, _ frames: [Int], from other: Draft) -> Draft

    /// The stage's output.
    ///
    /// - Parameter source: the model's name as the server gives it.
    func answer(_ draft: Draft, source: CaptionSource, quality: CaptionQuality) -> Answer

    /// What the rules write from the same facts.
    func ruled(_ quality: CaptionQuality) -> Answer
}

/// The stages that write text, by their names in the fleet.
public enum CaptionStage: String, Hashable, Sendable, Codable, CaseIterable {
    case musicCaption = "music-caption"
    case lyrics
    case unifiedCaption = "unified-caption"
    case mvType = "mv-type"
    case frameCaptions = "frame-captions"
    case description

    /// Part of the recipe of every stage that asks a model, beside the prompt's digest: grows with every change to how facts are worded, to schemas, to
    /// what is put right in an answer, or to the checks.
    public static let factsVersion = 1
}

/// How the sampled frames are shown to a model.
public enum FramePictures: String, Hashable, Sendable, Codable, CaseIterable {
    /// One picture a frame.
    case frames
    /// One picture of all frames, 5 × 3: about a fifteenth of the tokens.
    case contactSheet = "contact-sheet"
}

extension CaptionTask {
    public func facts(_ frames: [Int], beside draft: Draft) -> PromptFacts { facts }

    public func failingFrames(_ violations: [Violation]) -> [Int] { [] }

    public func merging(_ draft: Draft, _ frames: [Int], from other: Draft) -> Draft { draft }
}
