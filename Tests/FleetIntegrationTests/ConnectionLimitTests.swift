import Fleet
import FleetModel
import Foundation
import Ledger
import Logging
import PostgreSQL
import Synchronization
import Testing

extension FleetIntegration {
    @Suite struct ConnectionLimitTests {
        /// Error 53300, provoked for real: the database takes no connection more.
        @Test func `a worker that finds no connection left waits for one`() async throws {
            try await TestFleet.with { fleet in
                let job = try await fleet.submit(clips: 20)
                let administrator = try await Connection.open(fleet.database)
                try await administrator.script("ALTER DATABASE fleet_test_\(fleet.scope.name) CONNECTION LIMIT 1")
                let use = try await fleet.ledger.connectionUse()
                #expect(use.free == 0 && use.narrowest.contains("CONNECTION LIMIT of database") && use.limit > 1)

                let starved = ConnectionPool(fleet.database, limits: .init(connections: 6, waitTimeout: .milliseconds(100)))
                let log = LogRecord()
                let ledger = Ledger(pool: starved, logger: log.logger)
                let refused = await #expect(throws: FleetError.self) { try await ledger.requireSchema() }
                #expect(refused?.isRetriable == true && refused?.message.contains("no connection left: raise max_connections") == true)

                let slots = Dictionary(uniqueKeysWithValues: fleet.catalogue.entries.map { ($0.descriptor.name, 2) })
                let environment = StageEnvironment(blobs: BlobStore(directory: NSTemporaryDirectory()),
                                                   children: ChildProcessPool(.init(executable: "/bin/false", arguments: [], environment: [:], size: 1)), logger: log.logger)
                let worker = try Worker(ledger: ledger, amqp: fleet.amqp, catalogue: fleet.catalogue, environment: environment, options: .init(slots: slots), logger: log.logger)
                let role = RunningRole { try await worker.run() }
                try await eventually("the worker has said that it waits") { log.contains("worker.ledger_unreachable") }
                #expect(!log.contains("worker.started"))

                try await administrator.script("ALTER DATABASE fleet_test_\(fleet.scope.name) CONNECTION LIMIT -1")
                await administrator.close()
                fleet.startCoordinator()
                try await eventually("the job is finished") { try await fleet.isFinished(job) }
                try await role.cancel()
                await starved.close()
                try await fleet.expectAllDone(job, clips: 20)
            }
        }
    }
}

/// What was logged, for tests that wait for an event.
final class LogRecord: Sendable {
    private let messages = Mutex<[String]>([])

    var logger: Logger { Logger(label: "tests") { _ in Handler(record: self) } }

    @inline(never)
    func contains(_ message: String) -> Bool { messages.withLock { $0.contains(message) } }

    @inline(never)
    private func add(_ message: String) { messages.withLock { $0.append(message) } }

    private struct Handler: LogHandler {
        let record: LogRecord
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { record.add("\(event.message)") }
    }
}
