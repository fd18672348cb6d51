import ChatCompletions
import FleetModel
import Ledger
import Logging
import Synchronization

/// The requests of this process that wait for one limit, in the order of coming. ``LimitLineState`` decides; this waits and asks the ledger.
final class LimitLine: Sendable {
    private let key: LanguageModelLimitKey
    private let ledger: Ledger
    private let patience: Duration
    private let logger: Logger
    private let state = Mutex(LimitLineState())
    private let waiters = Mutex<[Int: CheckedContinuation<Result<Void, ChatError>, Never>]>([:])

    init(_ key: LanguageModelLimitKey, ledger: Ledger, patience: Duration, logger: Logger) {
        self.key = key
        self.ledger = ledger
        self.patience = patience
        self.logger = logger
    }

    func admit(tokens: Int) async throws(ChatError) {
        switch change({ $0.enter(tokens: tokens, patience: patience) }) {
        case .pass: return
        case .refuse(let wait): throw tooLong(wait)
        case .wait(let ticket, let begins):
            if begins { Task { await serve() } }
            try await turn(ticket).get()
        }
    }

    func ended(_ report: AttemptReport, tokens: Int) {
        let after = change { $0.ended(report, tokens: tokens) }
        if after.begins { Task { await serve() } }
        if after.reports { Task { await self.report(after: after.isUrgent ? .zero : LimitLineState.reportInterval) } }
    }

    private func turn(_ ticket: Int) async -> Result<Void, ChatError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let ready = stand(ticket, continuation) { continuation.resume(returning: ready) }
            }
        } onCancel: {
            if change({ $0.leave(ticket) }) {
                answer([ticket], .failure(ChatError(.cancelled, "the request was given up while it waited for its turn")))
            }
        }
    }

    /// Serves those who wait until there is none, or none may be sent before an answer comes.
    private func serve() async {
        while true {
            switch change({ $0.next() }) {
            case .idle: return
            case .send(let tickets): answer(tickets, .success(()))
            case .ask(let tickets, let requests, let tokens):
                do {
                    let (wait, limit) = try await ledger.takeTurn(key, requests: requests, tokens: tokens, patience: patience)
                    change { $0.learn(limit) }
                    if wait > patience {
                        answer(change { $0.dismissAll() }, .failure(tooLong(wait)))
                    } else if limit.requestsPerMinute != nil || limit.tokensPerMinute != nil || wait > .zero {
                        // The turn is granted for then, not for now. Nobody cancels this task: who waits is answered in any case.
                        if wait > .zero { try? await Task.sleep(for: wait) }
                        answer(change { $0.begin(tickets) }, .success(()))
                    }
                } catch {
                    logger.warning("llm.limit_unknown", metadata: ["model": "\(key.model)", "error": "\(error)"])
                    answer(change { $0.dismissAll() }, .failure(ChatError(.rateLimited, "the shared limit of \(key.model) cannot be read: the ledger is away", retryAfter: .seconds(5))))
                }
            }
        }
    }

    private func report(after delay: Duration) async {
        // What is seen meanwhile goes along, so that a report is four times a second at the most. Nobody cancels this task.
        if delay > .zero { try? await Task.sleep(for: delay) }
        let report = change { $0.takeReport() }
        do {
            let limit = try await ledger.report(report, of: key)
            if change({ $0.learn(limit) }) { await serve() }
        } catch {
            logger.warning("llm.limit_report_failed", metadata: ["model": "\(key.model)", "error": "\(error)"])
            // Those who wait ask the ledger themselves, or are sent away.
            if change({ $0.reportFailed(report) }) { await serve() }
        }
    }

    private func tooLong(_ wait: Duration) -> ChatError {
        ChatError(.rateLimited, "the limit of \(key.model) is used up for \(wait.components.seconds + 1) s", retryAfter: wait)
    }

    @inline(never)
    @discardableResult
    private func change<Value>(_ body: (inout LimitLineState) -> Value) -> Value { state.withLock { body(&$0) } }

    /// - Returns: the answer, where it came before the wait began.
    @inline(never)
    private func stand(_ ticket: Int, _ continuation: CheckedContinuation<Result<Void, ChatError>, Never>) -> Result<Void, ChatError>? {
        if let early = waiters.withLock({ waiters -> Result<Void, ChatError>? in
            if let early = change({ $0.takeEarly(ticket) }) { return early }
            waiters[ticket] = continuation
            return nil
        }) { return early }
        return nil
    }

    @inline(never)
    private func answer(_ tickets: [Int], _ result: Result<Void, ChatError>) {
        let ready = waiters.withLock { waiters in
            tickets.compactMap { ticket in
                let waiter = waiters.removeValue(forKey: ticket)
                if waiter == nil { change { $0.keepEarly(ticket, result) } }
                return waiter
            }
        }
        for waiter in ready { waiter.resume(returning: result) }
    }
}
