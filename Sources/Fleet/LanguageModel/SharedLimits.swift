import ChatCompletions
import FleetModel
import Ledger
import Logging
import Synchronization

/// Limits of language models' servers that all processes of the fleet share through the ledger: learnt from what the servers say, or from their refusals, and used in
/// turns, so that nobody is refused. Requests to servers that tell no limit, and refuse none, pass without asking anybody.
public final class SharedLimits: AttemptGate {
    /// The longest that a request waits for its turn here; those that would wait longer are sent away, and their tasks deferred.
    public let patience: Duration
    private let ledger: Ledger
    private let logger: Logger
    private let lines = Mutex<[LanguageModelLimitKey: LimitLine]>([:])

    public init(ledger: Ledger, patience: Duration = .seconds(20), logger: Logger) {
        self.ledger = ledger
        self.patience = patience
        self.logger = logger
    }

    /// - Throws: `llm.rate_limit` where the turn is too far away.
    public func admit(_ attempt: Attempt) async throws { try await line(attempt).admit(tokens: attempt.tokens) }

    public func ended(_ attempt: Attempt, _ report: AttemptReport) async { line(attempt).ended(report, tokens: attempt.tokens) }

    @inline(never)
    private func line(_ attempt: Attempt) -> LimitLine {
        let key = LanguageModelLimitKey(scope: attempt.keyID.isEmpty ? "endpoint " + attempt.endpoint : attempt.keyID, model: attempt.model)
        return lines.withLock { lines in
            if let line = lines[key] { return line }
            let line = LimitLine(key, ledger: ledger, patience: patience, logger: logger)
            lines[key] = line
            return line
        }
    }
}
