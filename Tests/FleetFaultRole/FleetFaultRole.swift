import CSkewedClock
import FaultStages
import Fleet
import FleetModel
import Foundation
import Glibc
import Ledger
import Logging
import PostgreSQL
import RabbitMQ

/// A coordinator or a worker of the fault tests, in a process of its own.
///
/// Everything is in its environment: `MVFLEET_FAULT_PLAN` (a ``RolePlan`` as JSON), and where the servers are. Its clock is wrong
/// by `MVFLEET_FAULT_CLOCK_SECONDS`.
@main
struct FleetFaultRole {
    static func main() async {
        do {
            let plan = try JSONDecoder().decode(RolePlan.self, from: Data(try Servers.variable("MVFLEET_FAULT_PLAN").utf8))
            let watch = Task { await endWithParent() }
            defer { watch.cancel() }
            switch plan {
            case .worker(let plan):
                try await FaultScope.$current.withValue(plan.scope) {
                    try await ExecutionLog.$current.withValue(ExecutionLog(path: plan.executions)) { try await work(plan) }
                }
            case .coordinator(let plan):
                try await FaultScope.$current.withValue(plan.scope) { try await coordinate(plan) }
            case .relay(let plan):
                try Relay(plan).run()
            }
        } catch {
            FileHandle.standardError.write(Data("fleet-fault-role: \(error)\n".utf8))
            _exit(1)
        }
        // As `mvfleet` does: threads of connections may still be inside libpq, whose destructors would pull the ground from under them.
        _exit(0)
    }

    // MARK: Roles

    private static func work(_ plan: WorkerPlan) async throws {
        let servers = try Servers("worker", connections: 6, knowsNextMigration: plan.knowsNextMigration)
        let environment = StageEnvironment(
            blobs: BlobStore(directory: plan.blobs),
            children: ChildProcessPool(.init(executable: "/bin/false", arguments: [], environment: [:], size: 1)), logger: servers.logger)
        let slots = Dictionary(uniqueKeysWithValues: plan.stages.map { (plan.scope.stage($0), plan.slots) })
        var options = Worker.Options(slots: slots, lease: .milliseconds(plan.leaseMilliseconds), heartbeat: .milliseconds(plan.heartbeatMilliseconds),
                                     grace: .milliseconds(plan.graceMilliseconds), deafAfter: .seconds(2))
        options.slack = .milliseconds(plan.slackMilliseconds)
        options.faultHook = plan.fault.map { fault in
            let passages = Passages(fault)
            return { passages.pass($0) }
        }
        let worker = try Worker(ledger: servers.ledger, amqp: servers.amqp, catalogue: try plan.scope.catalogue(), environment: environment, options: options,
                                logger: servers.logger)
        let run = Task { try await worker.run() }
        try await onSignal({ $0 == 1 ? worker.drain() : run.cancel() }) { try await run.value }
    }

    private static func coordinate(_ plan: CoordinatorPlan) async throws {
        let servers = try Servers("coordinator", connections: 6)
        var timing = CoordinatorTiming()
        timing.leaderLease = .milliseconds(plan.leaseMilliseconds)
        timing.renewal = .milliseconds(plan.leaseMilliseconds / 8)
        timing.sweepInterval = .milliseconds(200)
        timing.leaseMercy = .seconds(1)
        timing.adoptionInterval = .milliseconds(200)
        timing.planningStall = .seconds(2)
        timing.lossAfter = .seconds(1)
        let coordinator = Coordinator(ledger: servers.ledger, amqp: servers.amqp, database: servers.database, catalogue: try plan.scope.catalogue(), timing: timing,
                                      logger: servers.logger)
        let run = Task { try await coordinator.run() }
        try await onSignal({ _ in run.cancel() }) { try await run.value }
    }

    /// As a fleet's programs do: the first signal drains, another cancels.
    private static func onSignal(_ handle: @escaping @Sendable (Int) -> Void, _ body: () async throws -> Void) async throws {
        signal(SIGTERM, SIG_IGN)
        let count = SignalCount()
        let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        source.setEventHandler { handle(count.next()) }
        source.activate()
        defer { source.cancel() }
        try await body()
    }

    /// A test process that is killed leaves no fleet behind.
    private static func endWithParent() async {
        let parent = ProcessInfo.processInfo.environment["MVFLEET_FAULT_PARENT"].flatMap { pid_t($0) } ?? getppid()
        while getppid() == parent {
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
        }
        _exit(3)
    }
}

/// Where this process finds what.
private struct Servers {
    let ledger: Ledger
    let amqp: RabbitMQ.ConnectionConfiguration
    let database: PostgreSQL.ConnectionConfiguration
    let logger: Logger

    init(_ role: String, connections: Int, knowsNextMigration: Bool = false) throws {
        var logger = Logger(label: role) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .info
        self.logger = logger
        if skewed_clock_seconds() != 0 { logger.notice("role.clock_skewed", metadata: ["seconds": "\(skewed_clock_seconds())", "now": "\(Date())"]) }
        amqp = try RabbitMQ.ConnectionConfiguration(url: try Self.variable("MVFLEET_AMQP_URL"))
        database = try .ledger(try Self.variable("MVFLEET_DATABASE_URL"), applicationName: "fault \(role)")
        let pool = ConnectionPool(database, limits: .init(connections: connections), logger: logger)
        ledger = Ledger(pool: pool, migrations: knowsNextMigration ? Migration.all + [.next] : Migration.all, logger: logger)
    }

    static func variable(_ name: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else { throw FleetError("role.usage", "\(name) is not set: this program is started by the fault tests") }
        return value
    }
}
