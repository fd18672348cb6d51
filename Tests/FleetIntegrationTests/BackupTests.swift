import Fleet
import FleetModel
import Foundation
import Ledger
import Logging
import PostgreSQL
import RabbitMQ
import Testing

extension FleetIntegration {
    @Suite struct BackupTests {
        private static func withDirectory(_ body: (String) async throws -> Void) async throws {
            let directory = NSTemporaryDirectory() + "/mvfleet-backup-test-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(atPath: directory) }
            try await body(directory)
        }

        private static func backup(_ fleet: TestFleet, _ blobs: BlobStore) -> LedgerBackup { LedgerBackup(ledger: fleet.ledger, database: fleet.database, blobs: blobs) }

        private static func restore(_ fleet: TestFleet, _ blobs: BlobStore) -> LedgerRestore {
            LedgerRestore(ledger: fleet.ledger, database: fleet.database, amqp: fleet.amqp, catalogue: fleet.catalogue, blobs: blobs, application: "fleet tests",
                          logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
        }

        /// Hazard 9: a backup of the middle of a job is restored when the job has gone on. Messages, leases and cursors of the life that is undone mean nothing, though
        /// their numbers are given out again, and the job ends as if nothing had been.
        @Test func `an older backup is restored in the middle of a job, and the job ends whole`() async throws {
            try await Self.withDirectory { directory in
                let latch = Latch()
                try await TestFleet.with(does: { run, _ in
                    if run.role == "join" { await latch.wait() }
                    return .completed(())
                }) { fleet in
                    let blobs = BlobStore(directory: directory + "/blobs")
                    var coordinator = fleet.startCoordinator()
                    var worker = try fleet.startWorker()
                    let job = try await fleet.submit(clips: 80)
                    try await eventually("a part is done, and joins are held") { latch.held > 0 }
                    let manifest = try await Self.backup(fleet, blobs).write(to: directory + "/backup")
                    #expect(manifest.jobs == 1 && manifest.schemaVersion == Ledger.schemaVersion && manifest.blobs == 0)
                    let cursor = try await fleet.ledger.events(after: nil, limit: 5).next

                    // Life goes on: another job, and leases that outlive it.
                    let later = try await fleet.submit("later", clips: 30)
                    try await eventually("the later job is under way") { try await fleet.ledger.job(later).summary.done > 0 }
                    let live = await #expect(throws: FleetError.self) { try await Self.restore(fleet, blobs).restore(from: directory + "/backup", replace: true) }
                    #expect(live?.code == "restore.live")
                    try await coordinator.cancel()
                    try await worker.role.cancel()
                    latch.open()
                    // Messages of the old life, sent again while nobody listens.
                    var old: [RabbitMQ.Message] = []
                    var tokens: [ReadyToken] = []
                    for queue in try await fleet.ledger.openQueues() {
                        let found = try await fleet.ledger.ready(in: queue.id, after: 0, limit: 1_000)
                        tokens += found
                        old += found.map { Message(routingKey: BrokerQueue(stage: queue.stage, version: queue.version, lane: queue.lane).name, body: TaskMessage.encode($0)) }
                    }
                    #expect(!old.isEmpty)
                    _ = try await fleet.publisher.publish(old, deadline: .seconds(30))

                    let occupied = await #expect(throws: FleetError.self) { try await Self.restore(fleet, blobs).restore(from: directory + "/backup", replace: false) }
                    #expect(occupied?.code == "restore.occupied")
                    let report = try await Self.restore(fleet, blobs).restore(from: directory + "/backup", replace: true)
                    #expect(report.epoch > manifest.epoch && report.migrated.isEmpty && (report.purged ?? 0) > 0)
                    #expect(try await fleet.ledger.jobs().map(\.id) == [job], "the later job is of a life that never was")
                    #expect(try await fleet.ledger.check() == [])
                    let stale = await #expect(throws: FleetError.self) { try await fleet.ledger.events(after: cursor) }
                    #expect(stale?.code == "event.epoch")

                    // And once more, now that the queues are open again: all of it is refused.
                    _ = try await fleet.publisher.publish(old, deadline: .seconds(30))
                    let stranger = try await fleet.ledger.register(WorkerRegistration(incarnation: UUID(), host: "elsewhere", pid: 1, stages: [], slots: 1))
                    #expect(try await fleet.ledger.claim(tokens, by: stranger, lease: .seconds(60)).isEmpty)
                    try await fleet.ledger.deregister(stranger)
                    coordinator = fleet.startCoordinator()
                    worker = try fleet.startWorker()
                    try await eventually("the job is finished") { try await fleet.isFinished(job) }
                    try await fleet.expectAllDone(job, clips: 80)
                }
            }
        }

        @Test func `blobs come with the backup, and results whose blobs are lost are made again`() async throws {
            try await Self.withDirectory { directory in
                try await TestFleet.with { fleet in
                    let blobs = BlobStore(directory: directory + "/blobs")
                    try FileManager.default.createDirectory(atPath: blobs.directory, withIntermediateDirectories: true)
                    let job = try await fleet.submit(clips: 3)
                    let worker = try await fleet.ledger.register(WorkerRegistration(incarnation: UUID(), host: "here", pid: 1, stages: [], slots: 1))
                    let stored = try (0..<3).map { try blobs.put(Array("blob \($0)".utf8)) }
                    var tokens: [ReadyToken] = []
                    for queue in try await fleet.ledger.openQueues() { tokens += try await fleet.ledger.ready(in: queue.id, after: 0, limit: 10) }
                    let claims = try await fleet.ledger.claim(tokens, by: worker, lease: .seconds(60))
                    _ = try await fleet.ledger.settle(zip(claims, stored).map { Settlement(task: $0.task, seq: $0.seq, outcome: .completed("\"\($1)\""), duration: .zero) }, by: worker)
                    try await fleet.ledger.deregister(worker)

                    let manifest = try await Self.backup(fleet, blobs).write(to: directory + "/full", withBlobs: true)
                    #expect(manifest.blobs == 3 && manifest.blobBytes == 18 && manifest.missingBlobs == 0 && manifest.hasBlobs)
                    _ = try await Self.backup(fleet, blobs).write(to: directory + "/bare")
                    let exists = await #expect(throws: FleetError.self) { try await Self.backup(fleet, blobs).write(to: directory + "/bare") }
                    #expect(exists?.code == "backup.exists")

                    try FileManager.default.removeItem(atPath: blobs.path(of: stored[1]))
                    let bare = try await Self.restore(fleet, blobs).restore(from: directory + "/bare", replace: true)
                    #expect(bare.missing.blobs == 1 && bare.missing.tasks == [claims[1].task])
                    let full = try await Self.restore(fleet, blobs).restore(from: directory + "/full", replace: true)
                    #expect(full.missing == MissingBlobs() && full.blobsRestored == 1)
                    #expect(full.epoch > bare.epoch, "each restore is a life of its own")
                    #expect(try blobs.get(stored[1]) == Array("blob 1".utf8))

                    let again = try await fleet.ledger.invalidate(tasks: bare.missing.tasks, because: "blobs are lost", rerun: true)
                    #expect(again.named == 1 && again.tasks.values.reduce(0, +) == 4)
                    #expect(try await fleet.ledger.check() == [])
                    #expect(try await fleet.ledger.job(job).summary.done == 2)
                }
            }
        }

        @Test func `a damaged or foreign backup changes nothing`() async throws {
            try await Self.withDirectory { directory in
                try await TestFleet.with { fleet in
                    let blobs = BlobStore(directory: directory + "/blobs")
                    let job = try await fleet.submit(clips: 20)
                    _ = try await Self.backup(fleet, blobs).write(to: directory + "/backup")
                    let none = await #expect(throws: FleetError.self) { try await Self.restore(fleet, blobs).restore(from: directory, replace: true) }
                    #expect(none?.code == "backup.none")
                    let epoch = try await fleet.ledger.epoch()
                    // Cut off, with a manifest that says it is whole: the transaction must notice.
                    let dump = directory + "/backup/ledger.dump"
                    let whole = try #require(FileManager.default.contents(atPath: dump))
                    try whole.prefix(whole.count * 3 / 4).write(to: URL(fileURLWithPath: dump))
                    let damaged = await #expect(throws: FleetError.self) { try await Self.restore(fleet, blobs).restore(from: directory + "/backup", replace: true) }
                    #expect(damaged?.code == "backup.damaged")
                    let manifestPath = directory + "/backup/manifest.json"
                    let text = String(decoding: try #require(FileManager.default.contents(atPath: manifestPath)), as: UTF8.self)
                    let cut = Data(whole.prefix(whole.count * 3 / 4))
                    try Data(text.replacing(Digest.of(whole).hex, with: Digest.of(cut).hex).replacing("\"bytes\" : \(whole.count)", with: "\"bytes\" : \(cut.count)").utf8)
                        .write(to: URL(fileURLWithPath: manifestPath))
                    let broken = await #expect(throws: FleetError.self) { try await Self.restore(fleet, blobs).restore(from: directory + "/backup", replace: true) }
                    #expect(broken?.code == "restore.failed")
                    #expect(try await fleet.ledger.epoch() == epoch)
                    #expect(try await fleet.ledger.job(job).summary.total == 80)
                    #expect(try await fleet.ledger.check() == [])
                }
            }
        }
    }
}
