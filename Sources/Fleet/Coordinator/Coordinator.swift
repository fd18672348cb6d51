import FleetModel
import Foundation
import Ledger
import Logging
import PostgreSQL
import RabbitMQ

/// Plans, dispatches and sweeps. Any number may run; the one that holds the leader lease works, the others stand by.
public struct Coordinator: Sendable {
    /// The most tokens of one broker queue that are out at once.
    public static let windowSize = Dispatcher.windowSize

    private let ledger: Ledger
    private let amqp: RabbitMQ.ConnectionConfiguration
    private let database: PostgreSQL.ConnectionConfiguration
    private let catalogue: StageCatalogue
    private let identity = UUID()
    private let timing: CoordinatorTiming
    private let logger: Logger

    public init(ledger: Ledger, amqp: RabbitMQ.ConnectionConfiguration, database: PostgreSQL.ConnectionConfiguration, catalogue: StageCatalogue,
                timing: CoordinatorTiming = CoordinatorTiming(), logger: Logger) {
        self.ledger = ledger
        self.amqp = amqp
        self.database = database
        self.catalogue = catalogue
        self.timing = timing
        self.logger = logger
    }

    /// Runs until cancelled. Lost servers are waited for.
    public func run() async throws {
        try await untilAnswered("coordinator.ledger_unreachable", logger) { try await ledger.requireSchema() }
        while !Task.isCancelled {
            do {
                if let term = try await ledger.acquireLeadership(identity, lease: timing.leaderLease) {
                    logger.notice("coordinator.leads", metadata: ["term": "\(term.epoch)"])
                    try await lead(term)
                    logger.notice("coordinator.stands_by", metadata: ["term": "\(term.epoch)"])
                }
            } catch {
                logger.warning("coordinator.cannot_lead", metadata: ["error": "\(error)"])
            }
            // Whoever does not lead looks again when a lease may have ended.
            try? await Task.sleep(for: timing.renewal)
        }
    }

    /// Works until the lease is lost or this task is cancelled.
    private func lead(_ term: LeaderTerm) async throws {
        let progress = DispatchProgress(lanes: Lane.allCases, since: .now)
        let result: Result<Void, any Error>
        do {
            try await ledger.describeLeader(term, CoordinatorIdentity(host: HostIdentity.current, pid: ProcessInfo.processInfo.processIdentifier, version: MVFleetVersion.current))
            try await withThrowingTaskGroup(of: Void.self) { group in
                // From the beginning: to reach the broker may take longer than the lease lasts.
                group.addTask { await renew(term, progress) }
                group.addTask { try await work(progress) }
                defer { group.cancelAll() }
                try await group.next()
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        // The next leader need not wait for the lease to end; and where this one cannot reach the broker, another may.
        await sayGoodbye("coordinator.resign_failed", within: timing.leaderLease, logger) { try await ledger.resignLeadership(term) }
        try result.get()
    }

    /// All that a leader does, until it is cancelled. What needs only the ledger waits for no broker.
    ///
    /// - Throws: where the broker cannot be reached at first. Afterwards it is waited for.
    private func work(_ progress: DispatchProgress) async throws {
        let wakes = Dictionary(uniqueKeysWithValues: Lane.allCases.map { ($0, WakeSignal()) })
        let wake: @Sendable () async -> Void = { for wake in wakes.values { await wake.signal() } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await dispatch(wakes, progress) }
            group.addTask { for await _ in ledger.wakeUps(on: database) { await wake() } }
            group.addTask { await sweep(wake: wake) }
            group.addTask { await adoptUnplannedJobs() }
            group.addTask { await AlarmWatch(ledger: ledger, limits: AlarmLimits(), interval: timing.alarmInterval, logger: logger).run() }
            // Whichever ends first ends all: none of them ends while this leads.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Each lane has a dispatcher and a connection of its own: a stream task waits neither for a reading of the bulk queues nor for the confirms of what was sent to them.
    private func dispatch(_ wakes: [Lane: WakeSignal], _ progress: DispatchProgress) async throws {
        let rates = SharedRates()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (lane, wake) in wakes {
                group.addTask {
                    let publisher = try await Publisher.open(amqp, topology: .fleet(catalogue), logger: logger)
                    progress.publishes(lane) { publisher.health }
                    let dispatcher = Dispatcher(lane: lane, ledger: ledger, publisher: publisher, rates: rates, lossAfter: timing.lossAfter, progress: progress, logger: logger)
                    // Runs until it is cancelled.
                    try? await dispatcher.run(wake: wake)
                    await publisher.close()
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Returns when the lease is lost.
    private func renew(_ term: LeaderTerm, _ progress: DispatchProgress) async {
        var last = ContinuousClock.now
        while !Task.isCancelled {
            // Well before the lease ends.
            try? await Task.sleep(for: timing.renewal)
            do {
                guard try await ledger.acquireLeadership(identity, lease: timing.leaderLease)?.epoch == term.epoch else { return }
                last = .now
                if let pass = progress.oldest() { try await ledger.reportDispatch(term, ago: .now - pass, hindrance: progress.hindrance()) }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("coordinator.renewal_failed", metadata: ["error": "\(error)"])
                if ContinuousClock.now - last > timing.leaderLease { return }
            }
        }
    }

    private func sweep(wake: @Sendable () async -> Void) async {
        var nextTending = ContinuousClock.now
        var last = ContinuousClock.now, mercyEnds = ContinuousClock.now + timing.leaseMercy
        while !Task.isCancelled {
            do {
                // While the ledger was away no lease could be extended, and this may be the first who is back.
                if .now - last > timing.leaseMercy { mercyEnds = .now + timing.leaseMercy }
                if ContinuousClock.now >= nextTending {
                    try await ledger.tendPartitions()
                    nextTending = .now + timing.tendingInterval
                }
                // Until when: the answer may come after a restart of the database that nobody here has noticed.
                let report = try await ledger.sweep(endingLeasesUntil: .now >= mercyEnds ? .now + timing.leaseMercy : .now - .seconds(1))
                last = .now
                if report.madeReady > 0 { await wake() }
                if report.leasesEnded + report.quarantined + report.repaired > 0 {
                    logger.notice("coordinator.swept", metadata: ["leases_ended": "\(report.leasesEnded)", "quarantined": "\(report.quarantined)", "repaired": "\(report.repaired)"])
                }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("coordinator.sweep_failed", metadata: ["error": "\(error)"])
            }
            // What is due, or over its lease, is so by the clock: nobody tells of it.
            try? await Task.sleep(for: timing.sweepInterval)
        }
    }

    /// `submit` plans its own job; should it die on the way, the leader goes on from where it stopped.
    private func adoptUnplannedJobs() async {
        var seen: [JobID: (tasks: Int, since: ContinuousClock.Instant)] = [:]
        while !Task.isCancelled {
            do {
                let unplanned = try await ledger.unplannedJobs()
                seen = seen.filter { unplanned.contains($0.key) }
                for job in unplanned {
                    let tasks = try await ledger.job(job).summary.total
                    guard let known = seen[job], known.tasks == tasks else {
                        seen[job] = (tasks, .now)
                        continue
                    }
                    guard ContinuousClock.now - known.since > timing.planningStall else { continue }
                    logger.notice("coordinator.plans", metadata: ["job.id": "\(job)"])
                    seen[job] = nil
                    do {
                        _ = try await ledger.plan(job)
                    } catch let error as FleetError {
                        // The other jobs are planned all the same; this one is tried again after another stall.
                        logger.error("coordinator.job_unplannable", metadata: ["job.id": "\(job)", "error": "\(error)"])
                    }
                }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("coordinator.planning_failed", metadata: ["error": "\(error)"])
            }
            // That a submitter is gone shows by the clock alone.
            try? await Task.sleep(for: timing.adoptionInterval)
        }
    }
}
