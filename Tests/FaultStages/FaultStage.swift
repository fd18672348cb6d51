import Fleet
import FleetModel
import Foundation
import Glibc

/// What a fault stage does besides answering. Part of its recipe: a fault travels with the job that asks for it.
package struct FaultSettings: Codable, Sendable {
    /// How long each batch is held.
    package var work_ms = 0
    /// Clips whose task kills its process.
    package var kills: [String] = []
    /// Clips whose task never ends, and heeds no cancellation.
    package var hangs: [String] = []
    /// How much each task writes into the blob store; its output then names the blob.
    package var blob_bytes = 0

    package init(work: Duration = .zero, kills: [String] = [], hangs: [String] = [], blobBytes: Int = 0) {
        work_ms = Int(work / .milliseconds(1))
        self.kills = kills
        self.hangs = hangs
        blob_bytes = blobBytes
    }
}

/// Answers with the way that its input came, and misbehaves where its settings say so.
struct FaultStage<Place: FaultPlace>: Stage {
    struct Input: Sendable {
        var clip: String
        var upstream: [String]
    }

    static var descriptor: StageDescriptor {
        let scope = FaultScope.current, role = Place.role
        return StageDescriptor(
            name: scope.stage(role), version: scope.version, requires: role.requires.map { scope.stage($0) }, reads: role.requires.isEmpty ? [.audio] : [],
            slots: 2, batch: scope.batch, timeLimit: .milliseconds(scope.timeLimitMilliseconds),
            retry: RetryPolicy(attempts: scope.attempts, base: .milliseconds(50), ceiling: .milliseconds(500)), isIsolated: scope.isIsolated)
    }
    static var defaultSettings: FaultSettings { FaultSettings() }

    private let settings: FaultSettings
    private let environment: StageEnvironment
    private let scope = FaultScope.current

    init(settings: FaultSettings, environment: StageEnvironment) {
        self.settings = settings
        self.environment = environment
    }

    func input(of task: StageTask) throws -> Input {
        Input(clip: task.clip.id, upstream: try Place.role.requires.map { try task.upstream(scope.stage($0), as: String.self) })
    }

    func run(_ inputs: [Input], context: StageContext) async -> [Outcome<String>] {
        if settings.work_ms > 0 {
            do {
                // Stands for work.
                try await Task.sleep(for: .milliseconds(settings.work_ms))
            } catch {
                return inputs.map { _ in .deferred(by: .zero, reason: "the worker stopped") }
            }
        }
        var outcomes: [Outcome<String>] = []
        for input in inputs {
            if settings.hangs.contains(input.clip) { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
            if settings.kills.contains(input.clip) { kill(getpid(), SIGKILL) }
            outcomes.append(answer(input))
        }
        ExecutionLog.current.write(Place.role, inputs.map(\.clip))
        return outcomes
    }

    private func answer(_ input: Input) -> Outcome<String> {
        let inner = input.upstream.isEmpty ? input.clip : input.upstream.joined(separator: ",")
        let text = "\(Place.role.rawValue)\(scope.version)(\(inner))"
        guard settings.blob_bytes > 0 else { return .completed(text) }
        do throws(FleetError) {
            // The clip's name over and over: the same bytes from whoever writes them.
            let name = Array("\(text)\n".utf8)
            let blob = try environment.blobs.put(Array((0..<settings.blob_bytes).lazy.map { name[$0 % name.count] }))
            guard try environment.blobs.get(blob).count == settings.blob_bytes else { return .failed(FleetError("test.blob", "a blob came back with another size")) }
            return .completed(text)
        } catch {
            return .failed(error)
        }
    }
}
