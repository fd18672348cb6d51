import FleetModel
import MusicLanguageModel

/// Output of `prediction`: the model's text, and what could be read from it.
public struct Prediction: Hashable, Sendable, Codable {
    /// As the model wrote it, up to and without the text that ends an answer.
    public var text: String
    /// What could be read from it, and what it lacks.
    public var description: ParsedDescription
    /// Why it ended: an answer of `length` was cut off.
    public var finish: FinishReason
    public var promptTokens: Int
    public var answerTokens: Int
    /// The recipe's, as the paper numbers them.
    public var inputs: InputSwitches
    /// Those of them that the clip does not have; their lines are not in the prompt.
    public var absent: [String]
    /// Names the language model by its files' bytes.
    public var checkpoint: Digest

    enum CodingKeys: String, CodingKey {
        case text, description, finish, promptTokens = "prompt_tokens", answerTokens = "answer_tokens", inputs, absent, checkpoint
    }

    /// - Throws: where the answer was not written to its end.
    package init(_ answer: GeneratedText, from sources: PredictionSources, _ settings: PredictionSettings) throws(FleetError) {
        guard answer.finish != .cancelled else {
            throw FleetError("model.cancelled", "the answer was not written to its end: the model was shut down meanwhile", isRetriable: true)
        }
        guard let checkpoint = settings.checkpoint else { throw MusicModels.unnamed("prediction") }
        text = answer.text
        description = ParsedDescription(parsing: answer.text, finish: answer.finish)
        finish = answer.finish
        promptTokens = answer.usage.promptTokens
        answerTokens = answer.usage.answerTokens
        inputs = settings.inputs
        absent = settings.inputs.subtracting(sources.inputs).names
        self.checkpoint = checkpoint
    }
}
