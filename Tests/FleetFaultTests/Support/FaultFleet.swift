import FaultStages
import Fleet
import FleetModel
import Foundation
import Ledger
import LocalServices
import Logging
import PostgreSQL
import RabbitMQ
import Synchronization
import Testing

/// The fleet of one scenario: a database and queues of its own, and processes that may die.
struct FaultFleet: Sendable {
    /// So many scenarios at once as two cores carry; one of full size.
    private static let places = Slots(Chaos.isWhole ? 1 : 3)

    let servers: FaultServers
    /// With this scenario's database.
    let endpoints: ServiceEndpoints
    let scope: FaultScope
    let catalogue: StageCatalogue
    let pool: ConnectionPool
    let ledger: Ledger
    /// Logs, blobs, the log of executions.
    let directory: String
    private let book = Book()

    var executions: ExecutionLog { ExecutionLog(path: directory + "/executions") }

    /// Makes all that a fleet needs, runs `body`, ends what it started, and takes everything away again.
    static func with(_ configure: (inout FaultScope) -> Void = { _ in }, _ body: @Sendable (FaultFleet) async throws -> Void) async throws {
        await places.take()
        let result: Result<Void, any Error>
        do {
            result = .success(try await inPlace(configure, body))
        } catch {
            result = .failure(error)
        }
        await places.give()
        try result.get()
    }

    private static func inPlace(_ configure: (inout FaultScope) -> Void, _ body: @Sendable (FaultFleet) async throws -> Void) async throws {
        let shared = try #require(SharedServers.current)
        let servers = try await shared.healthy()
        let began = ContinuousClock.now
        var scope = FaultScope(name: String(UUID().uuidString.lowercased().replacing("-", with: "").prefix(12)))
        configure(&scope)
        let fleet = try await FaultFleet(servers, scope)
        var failure: (any Error)?
        do {
            try await body(fleet)
        } catch {
            failure = error
            Issue.record("the fleet stood so: \(await fleet.state())")
        }
        await fleet.endProcesses()
        await fleet.pool.close()
        fleet.book.report(ContinuousClock.now - began)
        if let failure {
            // The logs stay for whoever looks into it; the servers, whatever state they are in, do not.
            try? await shared.discard()
            throw failure
        }
        try await shared.healthy().drop(fleet)
        try FileManager.default.removeItem(atPath: fleet.directory)
    }

    private init(_ servers: FaultServers, _ scope: FaultScope) async throws {
        self.servers = servers
        self.scope = scope
        directory = NSTemporaryDirectory() + "/mvfleet-fault-\(scope.name)"
        try FileManager.default.createDirectory(atPath: directory + "/blobs", withIntermediateDirectories: true)
        var endpoints = try await servers.up()
        let server = try await Connection.open(try ConnectionConfiguration(endpoints.databaseURL))
        try await server.script("CREATE DATABASE \(scope.database)")
        await server.close()
        endpoints.databaseURL = endpoints.databaseURL.replacing("/mvfleet?", with: "/\(scope.database)?")
        self.endpoints = endpoints
        catalogue = try scope.catalogue()
        pool = ConnectionPool(try ConnectionConfiguration(endpoints.databaseURL, applicationName: "fault test"), limits: .init(connections: 4))
        ledger = Ledger(pool: pool, logger: FaultFleet.quiet)
        _ = try await ledger.migrate()
    }

    static let quiet = Logger(label: "fault tests") { _ in SwiftLogNoOpLogHandler() }

    // MARK: Processes

    /// A worker of all stages, unless configured otherwise.
    @discardableResult
    func startWorker(_ name: String = "worker", environment: [String: String] = [:], via prefix: [String] = [],
                     _ configure: (inout WorkerPlan) -> Void = { _ in }) throws -> Spawned {
        var plan = WorkerPlan(scope: scope)
        plan.executions = executions.path
        plan.blobs = directory + "/blobs"
        configure(&plan)
        return try start(.worker(plan), name, environment, prefix)
    }

    @discardableResult
    func startCoordinator(_ name: String = "coordinator", environment: [String: String] = [:], via prefix: [String] = [],
                          _ configure: (inout CoordinatorPlan) -> Void = { _ in }) throws -> Spawned {
        var plan = CoordinatorPlan(scope: scope)
        configure(&plan)
        return try start(.coordinator(plan), name, environment, prefix)
    }

    private func start(_ plan: RolePlan, _ name: String, _ environment: [String: String], _ prefix: [String]) throws -> Spawned {
        try adopt(spawn(plan, name, environment, prefix))
    }

    /// A process that whoever asks for it ends.
    func spawn(_ plan: RolePlan, _ name: String, _ environment: [String: String] = [:], _ prefix: [String] = []) throws -> Spawned {
        let program = try #require(Chaos.program("fleet-fault-role"))
        var all = [
            "MVFLEET_FAULT_PLAN": String(decoding: try JSONEncoder().encode(plan), as: UTF8.self), "MVFLEET_FAULT_PARENT": "\(getpid())",
            "MVFLEET_AMQP_URL": endpoints.amqpURL, "MVFLEET_DATABASE_URL": endpoints.databaseURL, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        ]
        all.merge(environment) { $1 }
        return try Spawned(prefix + [program], environment: all, log: "\(directory)/\(name).log")
    }

    /// A command of the program, on this fleet's servers and blobs.
    @discardableResult
    func mvfleet(_ arguments: String...) async throws -> String {
        try await Tool.run([try #require(Chaos.program("mvfleet"))] + arguments + ["--data-dir", directory], environment: [
            "MVFLEET_AMQP_URL": endpoints.amqpURL, "MVFLEET_DATABASE_URL": endpoints.databaseURL, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": directory,
        ])
    }

    /// Ended with the scenario.
    func adopt(_ process: Spawned) -> Spawned {
        book.add(process)
        return process
    }

    var running: [Spawned] { book.processes.filter { $0.ending == nil } }

    /// Whoever still runs ends in order, stopped or not; one that does not is an issue.
    func endProcesses() async {
        let running = running
        for process in running {
            process.send(SIGCONT)
            process.send(SIGTERM)
        }
        for process in running {
            do {
                let ending = try await process.end(within: .seconds(30))
                if ending != .exited(0) { Issue.record("a process of the fleet did not end in order: \(ending); its last words: \(process.log.suffix(2000))") }
            } catch {
                Issue.record("a process of the fleet did not heed SIGTERM; its last words: \(process.log.suffix(2000))")
                process.send(SIGKILL)
            }
        }
    }

    /// Counts what was done to this fleet, for the table.
    func injected(_ times: Int = 1) { book.injected(times) }

    // MARK: Jobs

    /// Ingests clips named `<name>-000000…` and submits a job over them that reaches `role`.
    func submit(_ name: String = "clip", clips count: Int, to role: FaultRole = .join, settings: [FaultRole: FaultSettings] = [:], isPlanned: Bool = true) async throws -> JobID {
        _ = try await ledger.ingest((0..<count).map { FaultFleet.clip(name, $0) }, into: name)
        let job = try await ledger.submit(JobRequest(name: name, collection: name, graph: try graph(to: role, settings: settings)))
        if isPlanned { _ = try await ledger.plan(job) }
        return job
    }

    func graph(to role: FaultRole = .join, settings: [FaultRole: FaultSettings] = [:]) throws -> StageGraph {
        var texts: [StageName: String] = [:]
        for (role, settings) in settings { texts[scope.stage(role)] = try CanonicalJSON.encode(settings) }
        return try catalogue.graph(of: [scope.stage(role)], settings: texts)
    }

    static func key(_ name: String = "clip", _ number: Int) -> String {
        let digits = String(number)
        return "\(name)-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    static func clip(_ name: String, _ number: Int) -> Clip {
        let key = key(name, number)
        return Clip(id: key, audio: MediaReference(path: "/music/\(key).mp3", sha256: Digest.of(key)))
    }

    func isFinished(_ job: JobID) async throws -> Bool { try await ledger.job(job).summary.state == .finished }

    func done(_ job: JobID) async throws -> Int { try await ledger.job(job).summary.done }

    // MARK: The broker

    var queues: [String] { Topology.fleet(catalogue).queues.map(\.name) }

    func withPublisher<Value: Sendable>(_ body: @Sendable (Publisher) async throws -> Value) async throws -> Value {
        let publisher = try await Publisher.open(try RabbitMQ.ConnectionConfiguration(url: endpoints.amqpURL), logger: FaultFleet.quiet)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(publisher))
        } catch {
            result = .failure(error)
        }
        await publisher.close()
        return try result.get()
    }

    /// Sends what stands ready, as a coordinator does.
    ///
    /// - Returns: how many messages that were.
    @discardableResult
    func sendReady(_ publisher: Publisher, _ arrange: @Sendable ([Message]) -> [Message] = { $0 }) async throws -> Int {
        var sent = 0
        for queue in try await ledger.openQueues() {
            let name = BrokerQueue(stage: queue.stage, version: queue.version, lane: queue.lane).name
            let messages = arrange(try await ledger.ready(in: queue.id, after: 0, limit: 1_000).map { Message(routingKey: name, body: TaskMessage.encode($0)) })
            let outcomes = try await publisher.publish(messages, deadline: .seconds(30))
            #expect(outcomes.allSatisfy { $0 == .confirmed })
            sent += messages.count
        }
        return sent
    }

    /// For whoever reads of a failure: what is where, and what the processes said last.
    private func state() async -> String {
        var lines = ["logs: \(directory)", "executions: \(executions.runs().values.reduce(0, +))"]
        lines.append((try? await ledger.counts()).map { "\($0)" } ?? "no ledger")
        for worker in (try? await ledger.workers()) ?? [] { lines.append("\(worker)") }
        for queue in queues {
            let status = try? await withPublisher { try await $0.status(ofQueue: queue) }
            lines.append("\(queue): \(status.map { "\($0.ready) ready, \($0.consumers) consumers" } ?? "missing")")
        }
        for process in book.processes { lines.append("process \(process.pid) (\(process.logPath)): \(process.log.suffix(1200))") }
        return lines.joined(separator: "\n")
    }
}

extension FaultScope {
    var database: String { "fault_\(name)" }
}

extension FaultServers {
    /// What a scenario that went well leaves: its database and its queues.
    func drop(_ fleet: FaultFleet) async throws {
        // By the cluster's owner: an autovacuum worker may be in it, whom nobody else may end.
        try await administer("DROP DATABASE \(fleet.scope.database) WITH (FORCE)")
        try await fleet.withPublisher { publisher in
            for queue in fleet.queues { try await publisher.delete(queue: queue) }
        }
    }
}

/// What a scenario started, and what it did.
private final class Book: Sendable {
    private let state = Mutex((processes: [Spawned](), injected: 0))

    var processes: [Spawned] { @inline(never) get { state.withLock { $0.processes } } }

    @inline(never)
    func add(_ process: Spawned) { state.withLock { $0.processes.append(process) } }

    @inline(never)
    func injected(_ times: Int) { state.withLock { $0.injected += times } }

    @inline(never)
    private func count() -> Int { state.withLock { $0.injected } }

    /// A line for `scripts/chaos`.
    func report(_ duration: Duration) {
        guard let path = ProcessInfo.processInfo.environment["MVFLEET_FAULT_TABLE"], !path.isEmpty, let test = Test.current,
              let line = try? JSONEncoder().encode(["test": test.displayName ?? test.name, "injected": "\(count())", "seconds": "\(duration / .seconds(1))"]) else { return }
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        let bytes = Array(line) + [10]
        _ = write(file, bytes, bytes.count)
    }
}
