import Captioning
import Fleet
import FleetModel

/// One caption per sampled frame (the paper, §2.1.3).
struct FrameCaptionsStage: Stage {
    struct Input: Sendable {
        var seed: String
        var visual: VisualFacts
    }

    static let descriptor = StageDescriptor(name: "frame-captions", version: 1, requires: ["frames"], slots: 1, batch: 64)
    static let defaultSettings = CaptionerSettings()

    init(settings: CaptionerSettings, environment: StageEnvironment) {}

    func input(of task: StageTask) throws -> Input {
        Input(seed: task.fingerprint.description, visual: VisualFacts(try task.upstream("frames", as: FramesOutput.self)))
    }

    func run(_ inputs: [Input], context: StageContext) async -> [Outcome<FrameCaptions>] {
        inputs.map { .completed(RuleCaptioner(seed: $0.seed).frameCaptions($0.visual)) }
    }
}
