import FaultStages
import Fleet
import FleetModel
import Ledger
import PostgreSQL
import RabbitMQ
import Testing

/// How a task ought to have ended.
enum Ending: Equatable, Sendable {
    /// With the very output that it has where nothing goes wrong.
    case result
    case dead(FleetError.Code)
    /// Open for ever, behind a dead one.
    case blocked
}

/// The fleet's promise (design, section 4), asked of a fleet that has come to rest.
extension FaultFleet {
    /// Waits until the job is finished and everybody is idle, ends all processes, and checks every promise.
    func expectWhole(_ job: JobID, _ name: String = "clip", clips: Int, to role: FaultRole = .join, within limit: Duration = .seconds(90),
                     sourceLocation: SourceLocation = #_sourceLocation, _ ending: (FaultRole, String) -> Ending = { _, _ in .result }) async throws {
        try await eventually("job \(job) is finished", within: limit) { try await isFinished(job) }
        try await expectRest(sourceLocation: sourceLocation)
        try await expectEndings(job, name, clips: clips, to: role, sourceLocation: sourceLocation, ending)
    }

    /// No lease, no token, no message is left; nothing in the ledger contradicts anything else.
    func expectRest(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await expectQueuesEmpty()
        // Deliveries that nobody acknowledged come back when their consumer goes: a queue is empty only after that.
        await endProcesses()
        try await expectQueuesEmpty()
        #expect(try await ledger.check() == [], sourceLocation: sourceLocation)
        let counts = try await ledger.counts()
        #expect(counts.ready == 0 && counts.running == 0 && counts.delayed == 0, "\(counts)", sourceLocation: sourceLocation)
    }

    func expectQueuesEmpty() async throws {
        try await withPublisher { publisher in
            for queue in queues {
                try await eventually("\(queue) is empty") { try await publisher.status(ofQueue: queue).ready == 0 }
            }
        }
    }

    /// Each clip has, per stage, exactly one result, of the bytes that an undisturbed run writes, or the ending that it should have.
    ///
    /// - Parameter version: of the stages.
    func expectEndings(_ job: JobID, _ name: String = "clip", clips: Int, to role: FaultRole = .join, version: Int = 1, sourceLocation: SourceLocation = #_sourceLocation,
                       _ ending: (FaultRole, String) -> Ending = { _, _ in .result }) async throws {
        let rows = try await pool.query("""
            SELECT c.key, s.name, t.state, r.digest, d.code, sha256(convert_to(r.output, 'UTF8')) = r.digest AS whole
            FROM job_clip c CROSS JOIN LATERAL unnest(c.tasks) u(task) JOIN task t ON t.id = u.task JOIN stage s ON s.id = t.stage
            LEFT JOIN result r ON r.task = t.id LEFT JOIN dead d ON d.task = t.id WHERE c.job = $1
            """, [.int64(job.rawValue)])
        var scope = scope
        scope.version = version
        let roles = Dictionary(uniqueKeysWithValues: role.withUpstream.map { (scope.stage($0).rawValue, $0) })
        #expect(rows.count == clips * roles.count, sourceLocation: sourceLocation)
        var wrong: [String] = []
        var seen: Set<String> = []
        for row in rows {
            let key = try row.text("key"), stage = try row.text("name"), state = try row.int16("state")
            let role = try #require(roles[stage], sourceLocation: sourceLocation)
            seen.insert("\(stage) \(key)")
            let isRight = switch ending(role, key) {
            case .result:
                try state == TaskState.done.rawValue && row.bytea("digest") == Digest.of(try CanonicalJSON.encode(scope.output(of: role, clip: key))).bytes
                    && row.bool("whole")
            case .dead(let code): try state == TaskState.dead.rawValue && row.textIfPresent("code") == code.rawValue
            case .blocked: state == TaskState.open.rawValue
            }
            if !isRight { wrong.append("\(stage) of \(key): state \(state)") }
        }
        #expect(seen.count == clips * roles.count, sourceLocation: sourceLocation)
        #expect(wrong.isEmpty, "\(wrong.count) wrong, such as \(wrong.prefix(5))", sourceLocation: sourceLocation)
    }

    /// Nobody did anything twice.
    ///
    /// - Parameter others: clips of further jobs.
    func expectEachRanOnce(clips: Int, and others: Int = 0, to role: FaultRole = .join, sourceLocation: SourceLocation = #_sourceLocation) {
        let runs = executions.runs()
        #expect(runs.count == (clips + others) * role.withUpstream.count, sourceLocation: sourceLocation)
        #expect(runs.filter { $0.value != 1 } == [:], sourceLocation: sourceLocation)
    }

    /// How many tokens were given out: one a task where none was ever taken back.
    func tokensGiven() async throws -> Int { try await pool.queryOne("SELECT last_value FROM ready_seq").int(0) }
}

extension FaultRole {
    /// Itself and what it requires.
    var withUpstream: [FaultRole] { FaultRole.allCases.filter { role in role == self || requires.contains(role) || requires.contains { $0.requires.contains(role) } } }
}
