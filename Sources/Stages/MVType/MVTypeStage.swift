import Captioning
import Fleet
import FleetModel

/// One to three of the ten MV types, with the frames that show it (the paper, §2.1.2).
struct MVTypeStage: Stage {
    struct Input: Sendable {
        var seed: String
        var visual: VisualFacts
    }

    static let descriptor = StageDescriptor(name: "mv-type", version: 1, requires: ["frames"], slots: 1, batch: 64)
    static let defaultSettings = CaptionerSettings()

    init(settings: CaptionerSettings, environment: StageEnvironment) {}

    func input(of task: StageTask) throws -> Input {
        Input(seed: task.fingerprint.description, visual: VisualFacts(try task.upstream("frames", as: FramesOutput.self)))
    }

    func run(_ inputs: [Input], context: StageContext) async -> [Outcome<MVTypes>] {
        inputs.map { .completed(RuleCaptioner(seed: $0.seed).mvTypes($0.visual)) }
    }
}
