import FleetModel
import Ledger
import Logging

/// Takes one batch of tokens all the way: claim, run, settle. Acknowledging is the caller's, and comes after.
struct BatchProcessor: Sendable {
    /// Statements are tried again through a restart of the database for so long; then the leases have ended, and others have the tasks.
    static let persistence: Duration = .seconds(300)

    let ledger: Ledger
    let identity: WorkerIdentity
    let descriptor: StageDescriptor
    let runners: StageRunners
    let gate: SoloGate
    let leases: HeldLeases
    let lease: Duration
    /// A stage ends its items by itself at their limit; one that has not done so after this is given up on.
    let slack: Duration
    let faultHook: FaultHook?
    let jitter: @Sendable () -> Double
    let logger: Logger

    /// Each run keeps its place in the gate until it is settled: a task that kills the process must not find others that have ended and are not yet written.
    ///
    /// - Returns: how many tasks ended by it.
    func process(_ tokens: [ReadyToken]) async throws -> Int {
        faultHook?(.beforeClaim)
        var (rest, ended) = try await gate.run(alone: false) { await Result { try await begin(tokens) } }.get()
        guard !rest.isEmpty else { return ended }
        // Whatever goes wrong below: what was not settled runs out, and is run again.
        defer { leases.remove(rest.map { LeaseRef($0) }) }
        // Those that a worker died of before run one by one with nothing beside them; the others together, by recipe.
        let suspects = rest.filter { $0.strikes > 0 }.map { [$0] }
        let groups = Dictionary(grouping: rest.filter { $0.strikes == 0 }, by: \.settings).sorted { $0.key < $1.key }.map(\.value)
        for group in groups + suspects {
            ended += try await gate.run(alone: group[0].strikes > 0) {
                await Result {
                    if !descriptor.isIsolated {
                        try await persistently("worker.start_failed") { _ in try await ledger.markStarted(group.map { LeaseRef($0) }, by: identity.current) }
                    }
                    return try await settle(await run(group))
                }
            }.get()
        }
        return ended
    }

    /// Claims, and takes to its end at once what is of one recipe and under no suspicion, which is nearly everything: the claim says that it is started, and nothing is
    /// waited for in between. The caller holds the gate.
    ///
    /// - Returns: what was claimed and is still to be run, its leases held; and how many tasks ended.
    private func begin(_ tokens: [ReadyToken]) async throws -> (rest: [Claim], ended: Int) {
        let claims = try await persistently("worker.claim_failed") { isAgain in
            let claims = try await ledger.claim(tokens, by: identity.current, lease: lease, starting: !descriptor.isIsolated)
            // A commit whose answer was lost has made leases that nobody works on: given back, they are no strike against their tasks. One that was still on its way has
            // held this claim up, and is seen by now.
            if isAgain {
                let known = leases.all.union(claims.map { LeaseRef($0) })
                try await ledger.release(tokens.map { LeaseRef(task: $0.task, seq: $0.seq) }.filter { !known.contains($0) }, by: identity.current)
            }
            return claims
        }
        guard let first = claims.first else { return ([], 0) }
        let held = claims.map { LeaseRef($0) }
        leases.add(held)
        let isBegun = descriptor.isIsolated ? claims.allSatisfy { $0.strikes == 0 && $0.settings == first.settings } : first.isStarted
        guard isBegun else { return (claims, 0) }
        defer { leases.remove(held) }
        return ([], try await settle(await run(claims)))
    }

    /// - Returns: how many counted.
    private func settle(_ settlements: [Settlement]) async throws -> Int {
        faultHook?(.beforeSettle)
        let outcomes = try await persistently("worker.settle_failed") { _ in try await ledger.settle(settlements, by: identity.current) }
        let refused = outcomes.count { $0 == .refused }
        if refused > 0 { logger.notice("worker.settlements_refused", metadata: ["stage": "\(descriptor.name)", "tasks": "\(refused)"]) }
        return outcomes.count - refused
    }

    private func run(_ claims: [Claim]) async -> [Settlement] {
        faultHook?(.beforeRun)
        let started = ContinuousClock.now
        let outcomes: [Outcome<String>]
        do {
            let runner = try await runners.runner(stage: descriptor.name, settings: claims[0].settings)
            let context = StageContext(timeLimit: descriptor.timeLimit, logger: logger)
            outcomes = await answers(of: runner, to: claims, context)
        } catch {
            let failure = error as? FleetError ?? FleetError(.stageStart, "stage '\(descriptor.name)' could not be made for its recipe", cause: error, isRetriable: true)
            outcomes = claims.map { _ in .failed(failure) }
        }
        let each = (ContinuousClock.now - started) / claims.count
        let earlier = await earlierFailures(zip(claims, outcomes))
        return zip(claims, outcomes).map { claim, outcome in
            var settlement = Settlement(task: claim.task, seq: claim.seq, outcome: outcome, duration: each)
            if case .failed(let error) = outcome, error.isRetriable {
                settlement.retryAfter = descriptor.retry.delay(after: error.code, earlier: earlier[claim.task] ?? [:], jitter: jitter())
            }
            return settlement
        }
    }

    /// How the attempts of those that failed again have failed before. Seldom asked: most tasks fail for the first time, if at all.
    private func earlierFailures(_ ended: some Sequence<(Claim, Outcome<String>)>) async -> [Int64: [FleetError.Code: Int]] {
        let again = ended.filter { claim, outcome in
            if case .failed(let error) = outcome { error.isRetriable && claim.attempt > 0 } else { false }
        }.map(\.0)
        do {
            return try await ledger.failureCodes(of: again)
        } catch {
            logger.warning("worker.attempts_unknown", metadata: ["stage": "\(descriptor.name)", "error": "\(error)"])
            // Counted as one of the codes that have no backoff of their own, so that they end.
            return Dictionary(again.map { ($0.task, [.internal: $0.attempt]) }) { first, _ in first }
        }
    }

    /// A batch that does not end is run again one by one: the item that holds it up ends alone, and its neighbours are done.
    private func answers(of runner: any RunnableStage, to claims: [Claim], _ context: StageContext) async -> [Outcome<String>] {
        let limit = context.timeLimit
        if let outcomes = await withTimeLimit(limit + slack, { await runner.run(claims, context: context) }) { return outcomes }
        guard claims.count > 1, !Task.isCancelled else {
            return claims.map { .failed(FleetError(.timeLimit, "'\(descriptor.name)' did not end clip '\($0.clip.id)' within \(limit)", isRetriable: true)) }
        }
        logger.notice("worker.batch_time_limit", metadata: ["stage": "\(descriptor.name)", "tasks": "\(claims.count)"])
        var outcomes: [Outcome<String>] = []
        for claim in claims { outcomes += await answers(of: runner, to: [claim], context) }
        return outcomes
    }

    /// Through lost connections and restarts of the database, as long as it makes sense. `body` hears whether it was tried before, and may have been done.
    private func persistently<Value: Sendable>(_ event: Logger.Message, _ body: @Sendable (_ isAgain: Bool) async throws -> Value) async throws -> Value {
        let deadline = ContinuousClock.now + BatchProcessor.persistence
        var pause: Duration = .milliseconds(200), isAgain = false
        while true {
            do {
                return try await body(isAgain)
            } catch let error as FleetError where error.isRetriable && ContinuousClock.now < deadline {
                logger.warning(event, metadata: ["stage": "\(descriptor.name)", "error": "\(error)"])
                // The database is away: less and less often, and not all workers at once.
                try await Task.sleep(for: pause * (0.5 + jitter()))
                isAgain = true
                pause = min(pause * 2, .seconds(10))
            }
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
