/// The sampled frames that a model is shown, how, and what its words of them are held against.
struct ShownFrames: Sendable {
    /// Frames of a clip; see `frames` of the sampler.
    private static let most = 15

    let visual: VisualFacts
    let checks: DescriptionChecks
    /// Of the frames, from 1; empty where there is nothing to see.
    let indices: [Int]
    private let pictures: FramePictures

    init(_ visual: VisualFacts, as pictures: FramePictures, forbiddenNames: [String]) {
        self.visual = visual
        self.pictures = pictures
        checks = DescriptionChecks(music: .unavailable, visual: visual, forbiddenNames: forbiddenNames)
        indices = visual.frames.prefix(Self.most).map(\.index)
    }

    var facts: PromptFacts { .pictures(visual, as: pictures) }

    func facts(only frames: [Int]) -> PromptFacts { .pictures(visual, as: pictures, only: frames) }
}

extension AnswerForm.Shape {
    /// The number of one of these frames; a schema's list of numbers may not be empty.
    static func frame(of indices: [Int]) -> AnswerForm.Shape { .oneOfNumbers(indices.isEmpty ? [1] : indices) }
}
