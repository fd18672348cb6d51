import FleetModel
import PostgreSQL

/// What a limit is of.
public struct LanguageModelLimitKey: Hashable, Sendable {
    /// The key's id, or the endpoint where it needs none.
    public var scope: String
    public var model: String

    public init(scope: String, model: String) {
        self.scope = scope
        self.model = model
    }
}

/// What the fleet knows of a limit.
public struct LanguageModelLimit: Sendable, Equatable {
    /// Nil while none is known.
    public var requestsPerMinute: Double?
    public var tokensPerMinute: Double?
    /// Nothing is sent for so long; zero or less where there is no such rest.
    public var rest: Duration

    public init(requestsPerMinute: Double?, tokensPerMinute: Double?, rest: Duration) {
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
        self.rest = rest
    }
}

/// What one process has seen of a limit since it said so last.
public struct LanguageModelLimitReport: Sendable, Equatable {
    public var requestsPerMinute: Double?
    public var tokensPerMinute: Double?
    /// How fast to go, as a part of the limit.
    public var requestPace: Double?
    public var tokenPace: Double?
    /// The server asks for a rest.
    public var rest: Duration?
    /// What the limit is at the least, by the shortest time after which a refused request may come again.
    public var leastRequestsPerMinute: Double?
    public var requests = 0
    /// Of the requests: answered with 429.
    public var refusals = 0

    public init() {}
}

extension Ledger {
    /// Takes the next turn of a shared limit, for several requests that are sent together.
    ///
    /// - Parameter patience: where the turn would come later, none is taken.
    /// - Returns: how long to wait for it, and what is known of the limit. Zero where no limit is known.
    public func takeTurn(_ key: LanguageModelLimitKey, requests: Int, tokens: Int, patience: Duration) async throws -> (wait: Duration, limit: LanguageModelLimit) {
        let parameters: [Parameter] = [.text(key.scope), .text(key.model), .int(requests), .int(tokens), .interval(patience)]
        while true {
            if let row = try await query("take a turn", Self.turnStatement, parameters).first {
                return (.seconds(try row.double("wait")), try Self.limit(row))
            }
            _ = try await query("begin a limit", "INSERT INTO llm_limit (scope, model) VALUES ($1, $2) ON CONFLICT DO NOTHING", Array(parameters.prefix(2)))
        }
    }

    /// A turn that comes late does not lose what it missed: up to two seconds are caught up.
    private static let turnStatement = """
        WITH l AS (SELECT *, clock_timestamp() AS now FROM llm_limit WHERE scope = $1 AND model = $2 FOR UPDATE),
             s AS (SELECT *, GREATEST(now, next_request_at, next_tokens_at, rests_until) AS start FROM l),
             u AS (UPDATE llm_limit t SET
                       next_request_at = COALESCE(GREATEST(s.next_request_at, s.start - interval '2 s') + make_interval(secs => $3 * 60 / (s.requests_per_minute * s.request_pace)), s.next_request_at),
                       next_tokens_at = COALESCE(GREATEST(s.next_tokens_at, s.start - interval '2 s') + make_interval(secs => $4 * 60 / (s.tokens_per_minute * s.token_pace)), s.next_tokens_at)
                   FROM s WHERE t.scope = s.scope AND t.model = s.model AND s.start <= s.now + $5)
        SELECT extract(epoch FROM start - now)::double precision AS wait, requests_per_minute, tokens_per_minute, extract(epoch FROM rests_until - now)::double precision AS rest FROM s
        """

    /// Says what one process has learnt.
    ///
    /// - Returns: what the fleet knows.
    public func report(_ report: LanguageModelLimitReport, of key: LanguageModelLimitKey) async throws -> LanguageModelLimit {
        guard let row = try await query("report a limit", Self.reportStatement, [
            .text(key.scope), .text(key.model), .double(report.requestsPerMinute), .double(report.tokensPerMinute), .double(report.requestPace), .double(report.tokenPace),
            .interval(report.rest ?? .zero), .int(report.requests), .int(report.refusals), .double(report.leastRequestsPerMinute),
        ]).first else { throw FleetError("ledger.corrupt", "a language model's limit was not kept") }
        return try Self.limit(row)
    }

    /// Where a server refuses and tells no limit, the limit is concluded from what it had taken, and from how soon it has room for another request: a tenth less with each
    /// refusal, and slowly more without, the faster the longer there was none.
    private static let reportStatement = """
        INSERT INTO llm_limit AS l (scope, model, requests_per_minute, tokens_per_minute, request_pace, token_pace, rests_until, requests, refusals, minute, minute_requests, reported_at,
                                    refused_at, is_guess)
        VALUES ($1, $2, $3, $4, COALESCE($5, 0.95), COALESCE($6, 0.95), clock_timestamp() + $7::interval, $8, $9, extract(epoch FROM clock_timestamp())::bigint / 60, $8, clock_timestamp(),
                CASE WHEN $9 > 0 THEN clock_timestamp() ELSE 'epoch' END, false)
        ON CONFLICT (scope, model) DO UPDATE SET
            requests_per_minute = CASE
                WHEN $3 IS NOT NULL THEN $3
                WHEN $4 IS NOT NULL OR l.tokens_per_minute IS NOT NULL OR (l.requests_per_minute IS NOT NULL AND NOT l.is_guess) THEN l.requests_per_minute
                WHEN $9 > 0 AND l.requests_per_minute IS NULL THEN GREATEST(0.95 * GREATEST(l.minute_requests + l.last_minute_requests + $8 - $9, $10), 1)
                WHEN $9 > 0 THEN GREATEST(CASE WHEN clock_timestamp() - l.refused_at > interval '1 s' THEN 0.9 ELSE 1 END * l.requests_per_minute, 1)
                WHEN l.is_guess THEN l.requests_per_minute * (1 + 0.001 * LEAST(extract(epoch FROM clock_timestamp() - l.reported_at), 5)
                                                               * (1 + LEAST(extract(epoch FROM clock_timestamp() - l.refused_at), 3600) / 30))
                END,
            is_guess = $3 IS NULL AND (l.is_guess OR ($9 > 0 AND $4 IS NULL AND l.tokens_per_minute IS NULL AND l.requests_per_minute IS NULL)),
            tokens_per_minute = COALESCE($4, l.tokens_per_minute), request_pace = COALESCE($5, l.request_pace), token_pace = COALESCE($6, l.token_pace),
            rests_until = GREATEST(l.rests_until, clock_timestamp() + $7::interval), requests = l.requests + $8, refusals = l.refusals + $9,
            last_minute_requests = CASE EXCLUDED.minute - l.minute WHEN 0 THEN l.last_minute_requests WHEN 1 THEN l.minute_requests ELSE 0 END,
            minute_requests = CASE WHEN EXCLUDED.minute = l.minute THEN l.minute_requests ELSE 0 END + $8, minute = EXCLUDED.minute,
            reported_at = clock_timestamp(), refused_at = GREATEST(l.refused_at, EXCLUDED.refused_at)
        RETURNING requests_per_minute, tokens_per_minute, extract(epoch FROM rests_until - clock_timestamp())::double precision AS rest
        """

    /// All limits that were met, with what was sent under each and refused.
    public func languageModelLimits() async throws -> [(key: LanguageModelLimitKey, limit: LanguageModelLimit, requests: Int, refusals: Int)] {
        try await query("list limits", """
            SELECT scope, model, requests_per_minute, tokens_per_minute, extract(epoch FROM rests_until - clock_timestamp())::double precision AS rest, requests, refusals
            FROM llm_limit ORDER BY scope, model
            """).map { row in
            (LanguageModelLimitKey(scope: try row.text("scope"), model: try row.text("model")), try Self.limit(row), try row.int("requests"), try row.int("refusals"))
        }
    }

    private static func limit(_ row: Row) throws -> LanguageModelLimit {
        LanguageModelLimit(requestsPerMinute: try row.doubleIfPresent("requests_per_minute"), tokensPerMinute: try row.doubleIfPresent("tokens_per_minute"),
                           rest: .seconds(max(try row.double("rest"), 0)))
    }
}
