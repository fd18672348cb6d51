import FleetModel
import Foundation
import PostgreSQL

/// Which dead tasks are meant. Every condition given must hold.
public struct FailureFilter: Sendable, Equatable {
    /// Failures that were put aside.
    public enum Discarded: String, Sendable, Encodable {
        case excluded, included, only
    }

    public var tasks: [Int64]?
    public var stage: StageName?
    public var code: FleetError.Code?
    /// ``FailureClass/filtered`` matches none: what was filtered is not dead.
    public var failureClass: FailureClass?
    public var job: JobID?
    /// Died at this time or later.
    public var since: Date?
    /// Died before this time.
    public var until: Date?
    public var discarded: Discarded

    public init(tasks: [Int64]? = nil, stage: StageName? = nil, code: FleetError.Code? = nil, failureClass: FailureClass? = nil, job: JobID? = nil, since: Date? = nil,
                until: Date? = nil, discarded: Discarded = .excluded) {
        self.tasks = tasks
        self.stage = stage
        self.code = code
        self.failureClass = failureClass
        self.job = job
        self.since = since
        self.until = until
        self.discarded = discarded
    }

    /// True where no condition is given: every failure there is.
    public var isEverything: Bool {
        self == FailureFilter(discarded: discarded)
    }
}

/// As the audit trail keeps it: only what was given, times as ISO 8601.
extension FailureFilter: Encodable {
    private enum Key: String, CodingKey { case tasks, stage, code, failureClass = "class", job, since, until, discarded }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encodeIfPresent(tasks, forKey: .tasks)
        try container.encodeIfPresent(stage?.rawValue, forKey: .stage)
        try container.encodeIfPresent(code?.rawValue, forKey: .code)
        try container.encodeIfPresent(failureClass, forKey: .failureClass)
        try container.encodeIfPresent(job?.rawValue, forKey: .job)
        try container.encodeIfPresent(since?.ISO8601Format(), forKey: .since)
        try container.encodeIfPresent(until?.ISO8601Format(), forKey: .until)
        if discarded != .excluded { try container.encode(discarded, forKey: .discarded) }
    }
}

extension FailureFilter {
    /// The class of a row of `dead d`, as ``FailureClass/init(_:)`` says it; `$9` holds the codes of poison.
    static let classColumn = "CASE WHEN d.code = ANY ($9) THEN 'poison' WHEN d.retriable THEN 'retryable' ELSE 'permanent' END"

    /// Over `dead d JOIN stage s`, with `parameters` as $1…$9.
    static let condition = """
        ($1::text IS NULL OR s.name = $1) AND ($2::text IS NULL OR d.code = $2)
        AND ($3::bigint IS NULL OR EXISTS (SELECT FROM job_task jt WHERE jt.task = d.task AND jt.job = $3))
        AND ($4::timestamptz IS NULL OR d.at >= $4) AND ($5::timestamptz IS NULL OR d.at < $5)
        AND ($6 = 'included' OR d.discarded = ($6 = 'only')) AND ($7::bigint[] IS NULL OR d.task = ANY ($7)) AND ($8::text IS NULL OR \(classColumn) = $8)
        """

    var parameters: [Parameter] {
        [.text(stage?.rawValue), .text(code?.rawValue), .int64(job?.rawValue), .timestamp(since.map { Timestamp($0) }), .timestamp(until.map { Timestamp($0) }),
         .text(discarded.rawValue), tasks.map { .int64Array($0) } ?? .null, .text(failureClass?.rawValue),
         .textArray(FailureClass.poisonCodes.map(\.rawValue).sorted())]
    }
}
