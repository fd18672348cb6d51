import Captioning
import ChatCompletions
import Fleet
import FleetModel

/// A stage that writes text, by the rules or by a language model: it says what is written and from what, and this says how.
protocol TextStage: Stage where Settings == CaptionerSettings<Writing>, Input == TextInput<Writing>, Output == Writing.Answer {
    associatedtype Writing: CaptionTask

    var settings: CaptionerSettings<Writing> { get }
    var environment: StageEnvironment { get }

    /// What the rules write.
    static func ruled(_ task: StageTask) throws -> Writing.Answer

    /// What a language model is asked for.
    static func writing(_ task: StageTask, _ recipe: LanguageModelRecipe) throws -> Writing

    /// The media that its prompts show.
    static func media(_ task: StageTask, _ environment: StageEnvironment, _ context: StageContext) async throws -> PromptMedia
}

/// A text that is written already, or one that a language model is to be asked for.
enum TextInput<Writing: CaptionTask>: Sendable {
    case written(Writing.Answer)
    case asked(Writing, StageTask)
}

/// How much of the fleet's time and room a stage that writes text takes.
enum TextStagePolicy {
    /// The rules take microseconds for each; a language model is asked for all of a batch at once.
    static let batch = 64
    /// Batches at once: 256 requests in flight.
    static let slots = 4
    /// Of all requests that one text may take, waits for servers included. What is asked is not lost: a task that runs again finds its answers.
    static let timeLimit: Duration = .seconds(600)
}

extension TextStage {
    static var defaultSettings: CaptionerSettings<Writing> { CaptionerSettings() }

    static func reads(with settings: CaptionerSettings<Writing>) -> [SourceField] { settings.reads }

    static func media(_ task: StageTask, _ environment: StageEnvironment, _ context: StageContext) async throws -> PromptMedia { PromptMedia() }

    func input(of task: StageTask) throws -> TextInput<Writing> {
        switch settings.writer {
        case .rules: .written(try Self.ruled(task))
        case .model(let recipe): .asked(try Self.writing(task, recipe), task)
        }
    }

    func run(_ inputs: [TextInput<Writing>], context: StageContext) async -> [Outcome<Writing.Answer>] {
        var outcomes: [Outcome<Writing.Answer>?] = []
        var jobs: [CaptionJob<Writing>] = []
        for input in inputs {
            switch input {
            case .written(let answer): outcomes.append(.completed(answer))
            case .asked(let writing, let task):
                outcomes.append(nil)
                jobs.append(CaptionJob(task: writing, claim: task.claim) { [environment] in try await Self.media(task, environment, context) })
            }
        }
        guard case .model(let recipe) = settings.writer, !jobs.isEmpty else { return outcomes.compactMap(\.self) }
        do {
            var answers = try await LanguageModelCaptioner(recipe, environment).run(jobs, context: context).makeIterator()
            return outcomes.map { $0 ?? answers.next() ?? .failed(FleetError(.internal, "a text of the batch got no outcome")) }
        } catch {
            return outcomes.map { $0 ?? .failed(error) }
        }
    }
}
