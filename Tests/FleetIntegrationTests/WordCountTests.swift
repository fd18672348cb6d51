import Fleet
import FleetModel
import Ledger
import RabbitMQ
import Testing

/// What stood before the new stage.
struct LyricWordsStage: Stage {
    struct Settings: Codable, Sendable {}
    static let descriptor = StageDescriptor(name: "lyric-words", version: 1, reads: [.lyrics], slots: 1, batch: 64)
    static let defaultSettings = Settings()
    init(settings: Settings, environment: StageEnvironment) {}
    func input(of task: StageTask) -> String { task.clip.lyrics ?? "" }
    func run(_ inputs: [String], context: StageContext) async -> [Outcome<[String]>] { inputs.map { .completed($0.split(separator: " ").map(String.init)) } }
}

/// What uses the new stage.
struct VerdictStage: Stage {
    struct Settings: Codable, Sendable {}
    static let descriptor = StageDescriptor(name: "wordiness", version: 1, requires: ["word-count"], slots: 1, batch: 64)
    static let defaultSettings = Settings()
    init(settings: Settings, environment: StageEnvironment) {}
    func input(of task: StageTask) throws -> Int { try task.upstream("word-count", as: Int.self) }
    func run(_ inputs: [Int], context: StageContext) async -> [Outcome<String>] { inputs.map { .completed($0 > 2 ? "wordy" : "terse") } }
}

extension FleetIntegration {
    @Suite struct WordCountTests {
        private static let stages = [
            StageEntry(LyricWordsStage.self),
            StageEntry(WordCountStage.self),
            StageEntry(VerdictStage.self),
        ]

        @Test func `a new stage is one folder and one line of the catalogue`() async throws {
            try await TestFleet.with(stages: Self.stages) { fleet in
                // These stages have fixed names: what a broken run left in their queues is none of ours.
                for queue in Topology.fleet(fleet.catalogue).queues { _ = try await fleet.publisher.purge(queue: queue.name) }
                fleet.startCoordinator()
                try fleet.startWorker()
                let job = try await fleet.submit(clips: 30, to: ["wordiness"])
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                for result in try await fleet.ledger.results(of: job) {
                    guard case .done("3", false)? = result.stages["word-count"], case .done("\"wordy\"", false)? = result.stages["wordiness"] else {
                        Issue.record("\(result)")
                        continue
                    }
                }
                #expect(try await fleet.ledger.job(job).summary.done == 90)
                try await fleet.expectRest()
            }
        }
    }
}
