import FleetModel
import PostgreSQL

extension Ledger {
    /// Writes how claimed tasks ended, in one transaction. Acknowledge their messages only after it returned.
    ///
    /// A settlement counts only while its lease stands; `refused` means that somebody else has, or will have, the task. Settle batches of one stage:
    /// mixed ones are right too, but may have to be run again when the server finds a deadlock.
    ///
    /// - Returns: one outcome per settlement, in order.
    public func settle(_ settlements: [Settlement], by worker: WorkerID) async throws -> [SettlementOutcome] {
        if settlements.isEmpty { return [] }
        let completions = settlements.filter(\.isCompletion)
        let others = settlements.filter { !$0.isCompletion }
        let recorded = try await transaction("settle tasks") { transaction in
            var ended = try await Self.complete(completions, worker, transaction)
            var recorded = Set(ended.map(\.task))
            let rest = try await Self.endOtherwise(others, worker, transaction)
            recorded.formUnion(rest.map(\.task))
            ended += rest.filter { $0.state != .open }
            // A new statement, so a new snapshot: it sees edges and subscriptions that were planned while the first one waited for its locks.
            try await Self.countDown(ended, transaction)
            try await Self.cascadeFiltered(ended.filter { $0.state == .filtered }.map(\.task), transaction)
            return recorded
        }
        return settlements.map { recorded.contains($0.task) ? .recorded : .refused }
    }

    /// A task that a statement of this transaction settled.
    struct Settled: Sendable {
        var task: Int64
        var stage: Int16
        /// `open` where it will run again.
        var state: TaskState
    }

    private static func complete(_ settlements: [Settlement], _ worker: WorkerID, _ transaction: Transaction) async throws -> [Settled] {
        if settlements.isEmpty { return [] }
        let rows = try await transaction.query("""
            WITH k AS (DELETE FROM running r
                       USING (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::boolean[], $5::integer[]) s(task, seq, output, degraded, ms) ORDER BY task) s
                       WHERE r.task = s.task AND r.seq = s.seq RETURNING r.task, r.q, s.output, s.degraded, s.ms),
                 l AS (SELECT t.id, k.q, k.output, k.degraded, k.ms FROM task t JOIN k ON k.task = t.id WHERE t.state = 0
                       ORDER BY t.rank, t.id FOR NO KEY UPDATE OF t),
                 u AS (UPDATE task t SET state = 3 FROM l WHERE t.id = l.id RETURNING t.id, t.stage, t.upstreams, l.q, l.output, l.degraded, l.ms),
                 i AS (INSERT INTO result (task, queue, worker, milliseconds, degraded, digest, upstream, output)
                       SELECT u.id, u.q, $6, u.ms, u.degraded, sha256(convert_to(u.output, 'UTF8')),
                              CASE WHEN u.upstreams IS NOT NULL THEN
                                  (SELECT string_agg(p.digest, ''::bytea ORDER BY o.n) FROM unnest(u.upstreams) WITH ORDINALITY o(id, n)
                                   CROSS JOIN LATERAL (SELECT p.digest FROM result p WHERE p.task = o.id OFFSET 0) p) END,
                              u.output
                       FROM u)
            SELECT id, stage FROM u
            """, [
                .int64Array(settlements.map(\.task)), .int64Array(settlements.map(\.seq)), .textArray(settlements.map(\.output)),
                .boolArray(settlements.map(\.degraded)), .int32Array(settlements.map(\.milliseconds)), .int32(worker.rawValue),
            ])
        return try rows.map { Settled(task: try $0.int64(0), stage: try $0.int16(1), state: .done) }
    }

    /// Filtered, deferred, to be tried again, or dead. Only failures count as attempts, and only they are logged.
    private static func endOtherwise(_ settlements: [Settlement], _ worker: WorkerID, _ transaction: Transaction) async throws -> [Settled] {
        if settlements.isEmpty { return [] }
        let endings = settlements.map(Ending.init)
        let rows = try await transaction.query("""
            WITH s AS (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::boolean[], $5::text[], $6::text[], $7::text[], $8::boolean[],
                                            $9::double precision[], $10::integer[])
                                     s(task, seq, state, failed, code, message, cause, retriable, delay, ms)),
                 k AS (SELECT r.task, s.state, s.failed, s.code, s.message, s.cause, s.retriable, s.delay, s.ms
                       FROM running r JOIN s ON r.task = s.task AND r.seq = s.seq ORDER BY r.task FOR UPDATE OF r),
                 x AS (DELETE FROM running r USING k WHERE r.task = k.task),
                 l AS (SELECT t.id, k.state AS ending, k.failed, k.code, k.message, k.cause, k.retriable, k.delay, k.ms
                       FROM task t JOIN k ON k.task = t.id WHERE t.state = 0 ORDER BY t.rank, t.id FOR NO KEY UPDATE OF t),
                 u AS (UPDATE task t SET state = l.ending, attempt = LEAST(t.attempt + l.failed::integer, 32767)::smallint FROM l WHERE t.id = l.id
                       RETURNING t.id, t.stage, t.attempt, l.ending, l.failed, l.code, l.message, l.cause, l.retriable, l.delay, l.ms),
                 f AS (INSERT INTO filtered (task, origin, reason) SELECT id, id, message FROM u WHERE ending = 4),
                 y AS (INSERT INTO delayed (task, run_at, reason) SELECT id, clock_timestamp() + delay * interval '1 s', message FROM u WHERE ending = 0),
                 z AS (INSERT INTO dead (task, stage, retriable, code, message, cause) SELECT id, stage, retriable, code, message, cause FROM u WHERE ending = 5),
                 a AS (INSERT INTO attempt (task, attempt, worker, milliseconds, retriable, code, message, cause)
                       SELECT id, attempt, $11, ms, retriable, code, message, cause FROM u WHERE failed)
            SELECT id, stage, ending FROM u
            """, [
                .int64Array(settlements.map(\.task)), .int64Array(settlements.map(\.seq)), .int16Array(endings.map(\.state.rawValue)),
                .boolArray(endings.map(\.isFailure)), .textArray(endings.map(\.code)), .textArray(endings.map(\.message)), .textArray(endings.map(\.cause)),
                .boolArray(endings.map(\.isRetriable)), .doubleArray(endings.map(\.delaySeconds)), .int32Array(settlements.map(\.milliseconds)),
                .int32(worker.rawValue),
            ])
        return try rows.map { row in
            guard let state = TaskState(rawValue: try row.int16(2)) else { throw FleetError("ledger.corrupt", "a task has a state that this program does not know") }
            return Settled(task: try row.int64(0), stage: try row.int16(1), state: state)
        }
    }
}

extension Settlement {
    fileprivate var isCompletion: Bool {
        switch outcome {
        case .completed, .degraded: true
        case .filtered, .deferred, .failed: false
        }
    }

    fileprivate var output: String {
        switch outcome {
        case .completed(let output), .degraded(let output): output
        case .filtered, .deferred, .failed: ""
        }
    }

    fileprivate var milliseconds: Int32 { duration.wholeMilliseconds }
}

extension Duration {
    var wholeMilliseconds: Int32 {
        Int32(clamping: components.seconds.multipliedReportingOverflow(by: 1_000).partialValue &+ components.attoseconds / 1_000_000_000_000_000)
    }

    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

/// How a task ends that has no result, as columns.
private struct Ending {
    var state: TaskState
    var isFailure: Bool
    var code: String
    var message: String
    var cause: String?
    var isRetriable: Bool
    var delaySeconds: Double

    init(_ settlement: Settlement) {
        switch settlement.outcome {
        case .completed, .degraded: preconditionFailure("a completed task has a result")
        case .filtered(let reason):
            self.init(.filtered, message: reason)
        case .deferred(let delay, let reason):
            self.init(.open, message: reason, delay: delay)
        case .failed(let error):
            let delay = error.isRetriable ? settlement.retryAfter : nil
            self.init(delay == nil ? .dead : .open, error, message: error.message, delay: delay)
        }
    }

    private init(_ state: TaskState, _ error: FleetError? = nil, message: String, delay: Duration? = nil) {
        self.state = state
        isFailure = error != nil
        // An index holds the code: a long one, from a child gone wrong, would fail the whole batch.
        code = String(decoding: (error?.code.rawValue ?? "").storable.utf8.prefix(100), as: UTF8.self)
        self.message = message.storable
        cause = error?.cause?.storable
        isRetriable = error?.isRetriable ?? true
        delaySeconds = min(max(delay?.inSeconds ?? 0, 0), 366 * 86_400)
    }
}

extension String {
    /// Words from outside, as a text column takes them: no NUL, and of bounded length.
    var storable: String {
        let limit = 4_000
        let text = utf8.contains(0) ? replacing("\0", with: "\u{FFFD}") : self
        return text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "…"
    }
}
