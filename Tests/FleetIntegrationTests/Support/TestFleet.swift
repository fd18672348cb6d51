import Fleet
import FleetModel
import Foundation
import Ledger
import Logging
import PostgreSQL
import RabbitMQ
import Synchronization
import Testing

/// A fleet of one test: a database of its own, and stages, thus queues, of its own.
struct TestFleet: Sendable {
    static let databaseURL = variable("MVFLEET_TEST_DATABASE_URL")
    static let amqpURL = variable("MVFLEET_TEST_AMQP_URL")
    static let hasServers = databaseURL != nil && amqpURL != nil
    /// So many at once as two cores carry.
    private static let places = Slots(4)

    let scope: TestScope
    let ledger: Ledger
    let amqp: RabbitMQ.ConnectionConfiguration
    let database: PostgreSQL.ConnectionConfiguration
    let catalogue: StageCatalogue
    let probe: Probe
    let publisher: Publisher
    private let roles = Roles()

    /// Makes all that a fleet needs, runs `body`, ends what it started, and takes everything away again.
    static func with(
        _ configure: (inout TestScope) -> Void = { _ in }, stages: [StageEntry]? = nil, does behaviour: @escaping Probe.Behaviour = { _, _ in .completed(()) },
        _ body: @Sendable (TestFleet) async throws -> Void
    ) async throws {
        await places.take()
        var scope = TestScope(name: String(UUID().uuidString.lowercased().replacing("-", with: "").prefix(12)))
        configure(&scope)
        let probe = Probe(behaviour)
        TestScope.set(probe, of: scope.name)
        let result: Result<Void, any Error>
        do {
            result = .success(try await TestScope.$current.withValue(scope) { try await inDatabase(scope, probe, stages, body) })
        } catch {
            result = .failure(error)
        }
        TestScope.set(nil, of: scope.name)
        await places.give()
        try result.get()
    }

    private static func inDatabase(_ scope: TestScope, _ probe: Probe, _ stages: [StageEntry]?, _ body: @Sendable (TestFleet) async throws -> Void) async throws {
        let url = try #require(databaseURL), name = "fleet_test_\(scope.name)"
        let server = try await Connection.open(try ConnectionConfiguration(url))
        try await server.script("CREATE DATABASE \(name)")
        let result: Result<Void, any Error>
        do {
            var own = try #require(URLComponents(string: url))
            own.path = "/" + name
            let configuration = try PostgreSQL.ConnectionConfiguration(try #require(own.string), applicationName: "fleet tests")
            let pool = ConnectionPool(configuration, limits: .init(connections: 6))
            do {
                result = .success(try await onBroker(scope, probe, stages, configuration, pool, body))
            } catch {
                result = .failure(error)
            }
            await pool.close()
        }
        try await server.script("DROP DATABASE \(name)")
        await server.close()
        try result.get()
    }

    private static func onBroker(_ scope: TestScope, _ probe: Probe, _ stages: [StageEntry]?, _ database: PostgreSQL.ConnectionConfiguration, _ pool: ConnectionPool,
                                 _ body: @Sendable (TestFleet) async throws -> Void) async throws {
        var amqp = try RabbitMQ.ConnectionConfiguration(url: try #require(amqpURL))
        amqp.callTimeout = .seconds(30)
        let ledger = Ledger(pool: pool, logger: quiet)
        _ = try await ledger.migrate()
        let catalogue = try StageCatalogue(stages ?? [
            StageEntry(ProbeStage<Root>.self), StageEntry(ProbeStage<Left>.self), StageEntry(ProbeStage<Right>.self), StageEntry(ProbeStage<Join>.self),
        ])
        let topology = Topology.fleet(catalogue)
        let publisher = try await Publisher.open(amqp, topology: topology, logger: quiet)
        let fleet = TestFleet(scope: scope, ledger: ledger, amqp: amqp, database: database, catalogue: catalogue, probe: probe, publisher: publisher)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(fleet))
        } catch {
            result = .failure(error)
            Issue.record("the fleet stood so: \(await fleet.state())")
        }
        for role in fleet.roles.all {
            do { try await role.cancel() } catch { Issue.record("a role of the fleet ended by itself: \(error)") }
        }
        for queue in topology.queues { try await publisher.delete(queue: queue.name) }
        await publisher.close()
        try result.get()
    }

    // MARK: Roles

    /// A coordinator that loses no time.
    @discardableResult
    func startCoordinator(_ configure: (inout CoordinatorTiming) -> Void = { _ in }) -> RunningRole {
        var timing = CoordinatorTiming()
        timing.leaderLease = .seconds(5)
        timing.renewal = .milliseconds(200)
        timing.sweepInterval = .milliseconds(100)
        timing.leaseMercy = .seconds(1)
        timing.adoptionInterval = .milliseconds(100)
        configure(&timing)
        let coordinator = Coordinator(ledger: ledger, amqp: amqp, database: database, catalogue: catalogue, timing: timing, logger: TestFleet.quiet)
        return roles.add(RunningRole { try await coordinator.run() })
    }

    /// A worker of all stages.
    @discardableResult
    func startWorker(slots: Int = 2, lease: Duration = .seconds(30), heartbeat: Duration = .milliseconds(500)) throws -> (worker: Worker, role: RunningRole) {
        let environment = StageEnvironment(
            blobs: BlobStore(directory: NSTemporaryDirectory()),
            children: ChildProcessPool(.init(executable: "/bin/false", arguments: [], environment: [:], size: 1)), logger: TestFleet.quiet)
        let options = Worker.Options(slots: Dictionary(uniqueKeysWithValues: catalogue.entries.map { ($0.descriptor.name, slots) }), lease: lease,
                                     heartbeat: heartbeat)
        let worker = try Worker(ledger: ledger, amqp: amqp, catalogue: catalogue, environment: environment, options: options, logger: TestFleet.quiet)
        return (worker, roles.add(RunningRole { try await worker.run() }))
    }

    // MARK: Jobs

    /// Ingests clips named `<name>-00000…` and submits a job over them that reaches `join`.
    func submit(_ name: String = "clip", clips count: Int, to stages: [StageName]? = nil, lane: Lane = .bulk, priority: Int = 0, isPlanned: Bool = true) async throws -> JobID {
        let clips = (0..<count).map { TestFleet.clip(name, $0) }
        _ = try await ledger.ingest(clips, into: name)
        let graph = try catalogue.graph(of: stages ?? [scope.stage("join")])
        let job = try await ledger.submit(JobRequest(name: name, collection: name, lane: lane, priority: priority, graph: graph))
        if isPlanned { _ = try await ledger.plan(job) }
        return job
    }

    static func clip(_ name: String, _ number: Int) -> Clip {
        let digits = String(number), id = "\(name)-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        return Clip(id: id, audio: MediaReference(path: "/music/\(id).mp3", sha256: Digest.of(id)), lyrics: "la \(id) la")
    }

    // MARK: Oracle

    func isFinished(_ job: JobID) async throws -> Bool { try await ledger.job(job).summary.state == .finished }

    func counts(of role: String, in job: JobID) async throws -> StageCounts {
        try #require(try await ledger.job(job).stages.first { $0.stage == scope.stage(role) })
    }

    /// The promise of the fleet once there is nothing left to do: the ledger is sound, no lease is left, no queue holds a message.
    func expectRest(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try await ledger.check() == [], sourceLocation: sourceLocation)
        let counts = try await ledger.counts()
        #expect(counts.ready == 0 && counts.running == 0 && counts.delayed == 0, "\(counts)", sourceLocation: sourceLocation)
        for queue in Topology.fleet(catalogue).queues {
            try await eventually("\(queue.name) is empty") { try await publisher.status(ofQueue: queue.name).ready == 0 }
        }
    }

    /// Every clip went the whole way, and its last output says so.
    func expectAllDone(_ job: JobID, clips: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let summary = try await ledger.job(job).summary
        #expect(summary.done + summary.reused == 4 * clips && summary.total == 4 * clips, "\(summary)", sourceLocation: sourceLocation)
        let results = try await ledger.results(of: job, limit: clips + 1)
        #expect(results.count == clips, sourceLocation: sourceLocation)
        for result in results {
            guard case .done(let output, _)? = result.stages[scope.stage("join")] else {
                Issue.record("clip \(result.key) has no result", sourceLocation: sourceLocation)
                continue
            }
            #expect(output == "\"join(left(root(\(result.key))),right(root(\(result.key))))\"", sourceLocation: sourceLocation)
        }
        try await expectRest(sourceLocation: sourceLocation)
    }

    /// For whoever reads of a failure: what is where.
    private func state() async -> String {
        var lines: [String] = []
        for queue in Topology.fleet(catalogue).queues {
            let status = try? await publisher.status(ofQueue: queue.name)
            lines.append("\(queue.name): \(status.map { "\($0.ready) ready, \($0.consumers) consumers" } ?? "missing")")
        }
        lines.append((try? await ledger.counts()).map { "\($0)" } ?? "no ledger")
        for worker in (try? await ledger.workers()) ?? [] { lines.append("\(worker)") }
        return lines.joined(separator: "\n")
    }

    func expectEachRanOnce(clips: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        let runs = probe.runs
        #expect(runs.count == 4 * clips, sourceLocation: sourceLocation)
        #expect(runs.filter { $0.value != 1 } == [:], sourceLocation: sourceLocation)
    }

    private static let quiet = Logger(label: "fleet.tests") { _ in SwiftLogNoOpLogHandler() }

    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private final class Roles: Sendable {
        private let roles = Mutex<[RunningRole]>([])
        var all: [RunningRole] { @inline(never) get { roles.withLock { $0 } } }
        func add(_ role: RunningRole) -> RunningRole {
            roles.withLock { $0.append(role) }
            return role
        }
    }
}

/// All tests of this target need both servers.
@Suite(.enabled(if: TestFleet.hasServers, "MVFLEET_TEST_DATABASE_URL and MVFLEET_TEST_AMQP_URL name servers to test on"), .timeLimit(.minutes(2)))
struct FleetIntegration {}
