import Fleet
import FleetModel

/// How many words a clip's lyrics have: what a new stage takes. This folder, and one line in the catalogue.
struct WordCountStage: Stage {
    struct Settings: Codable, Sendable {
        /// Shorter words are not counted.
        var shortest = 1
    }

    static let descriptor = StageDescriptor(name: "word-count", version: 1, requires: ["lyric-words"], slots: 1, batch: 64)
    static let defaultSettings = Settings()

    private let settings: Settings

    init(settings: Settings, environment: StageEnvironment) {
        self.settings = settings
    }

    func input(of task: StageTask) throws -> [String] {
        try task.upstream("lyric-words", as: [String].self)
    }

    func run(_ inputs: [[String]], context: StageContext) async -> [Outcome<Int>] {
        inputs.map { words in .completed(words.count { $0.count >= settings.shortest }) }
    }
}
