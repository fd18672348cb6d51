import Fleet
import FleetModel
import Foundation
import Ledger

/// A worker and a coordinator in this process, on a benchmark's own database.
enum BenchFleet {
    /// Runs `body` beside a worker that consumes already.
    ///
    /// - Parameters:
    ///   - slots: of each stage; nil gives each what its descriptor says.
    ///   - body: calls what it is given when the coordinator is to begin.
    static func with<Value: Sendable>(_ catalogue: StageCatalogue, slots: Int? = nil, _ setup: FleetSetup, _ database: BenchDatabase,
                                      _ body: (_ startCoordinator: () -> Void) async throws -> Value) async throws -> Value {
        let wanted = Dictionary(uniqueKeysWithValues: catalogue.entries.map { ($0.descriptor.name, slots ?? $0.descriptor.slots) })
        let worker = try Worker(ledger: database.ledger, amqp: setup.amqp, catalogue: catalogue, environment: try setup.stageEnvironment(slots: [:], catalogue),
                                options: .init(slots: wanted), logger: setup.logger)
        let coordinator = Coordinator(ledger: database.ledger, amqp: setup.amqp, database: database.configuration, catalogue: catalogue, logger: setup.logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await worker.run() }
            // That a worker consumes is told by its row in the ledger alone.
            while try await !database.ledger.workers().contains(where: \.isConsuming) { try await Task.sleep(for: .milliseconds(50)) }
            let value = try await body { group.addTask { try await coordinator.run() } }
            worker.drain()
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
            return value
        }
    }
}
