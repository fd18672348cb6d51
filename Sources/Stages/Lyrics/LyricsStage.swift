import Captioning
import Fleet
import FleetModel

/// What the lyrics are about (the paper: OpenMU). Without a language model nothing is said of lyrics that are there; a clip without any is `instrumental`.
struct LyricsStage: Stage {
    struct Input: Sendable {
        var seed: String
        var lyrics: String?
    }

    static let descriptor = StageDescriptor(name: "lyrics", version: 1, reads: [.lyrics], slots: 1, batch: 64)
    static let defaultSettings = CaptionerSettings()

    init(settings: CaptionerSettings, environment: StageEnvironment) {}

    func input(of task: StageTask) -> Input {
        Input(seed: task.fingerprint.description, lyrics: task.clip.lyrics)
    }

    func run(_ inputs: [Input], context: StageContext) async -> [Outcome<LyricsUnderstanding>] {
        inputs.map { .completed(RuleCaptioner(seed: $0.seed).lyrics($0.lyrics)) }
    }
}
