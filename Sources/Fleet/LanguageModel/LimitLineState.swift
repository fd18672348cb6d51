import ChatCompletions
import Ledger

/// What one process knows of one limit, and who waits for it: a value that decides, without clock or database.
package struct LimitLineState {
    package enum Entry: Equatable {
        case pass
        case refuse(Duration)
        /// `begins`: nobody serves the line, the caller must.
        case wait(Int, begins: Bool)
    }

    package enum Step: Equatable {
        case idle
        /// May be sent: no limit is known.
        case send([Int])
        /// Ask the ledger for a turn of these.
        case ask([Int], requests: Int, tokens: Int)
    }

    package struct After: Equatable {
        package var begins: Bool
        package var reports: Bool
        package var isUrgent: Bool

        package init(begins: Bool, reports: Bool, isUrgent: Bool) {
            self.begins = begins
            self.reports = reports
            self.isUrgent = isUrgent
        }
    }

    /// How often a process says what it has seen, and hears what others have.
    static let reportInterval: Duration = .milliseconds(250)
    /// A turn is for what may be sent in a quarter of a second.
    private static let turnsPerSecond = 4.0
    private static let mostPerTurn = 64.0

    private var limit: LanguageModelLimit?
    private var waiting: [(ticket: Int, tokens: Int)] = []
    private var nextTicket = 0
    private var isServed = false
    private var early: [Int: Result<Void, ChatError>] = [:]
    /// Requests that are with the server.
    package private(set) var inFlight = 0
    /// How many may be, while no limit is known: doubles with each round of answers, so that an unknown limit is met early and not by hundreds.
    private var window = 1
    private var report = LanguageModelLimitReport()
    private var isReporting = false
    private var largestTokens = 1

    package init() {}

    private var isLimited: Bool { limit.map { $0.requestsPerMinute != nil || $0.tokensPerMinute != nil || $0.rest > .zero } ?? true }

    package mutating func enter(tokens: Int, patience: Duration) -> Entry {
        largestTokens = max(largestTokens, tokens)
        if !isLimited, waiting.isEmpty, inFlight < window {
            inFlight += 1
            return .pass
        }
        if let wait = expectedWait(tokens), wait > patience { return .refuse(wait) }
        nextTicket += 1
        waiting.append((nextTicket, tokens))
        let begins = !isServed
        isServed = true
        return .wait(nextTicket, begins: begins)
    }

    /// By those that wait already, at the limit's own speed.
    private func expectedWait(_ tokens: Int) -> Duration? {
        guard let limit, !waiting.isEmpty else { return nil }
        let requests = limit.requestsPerMinute.map { Double(waiting.count) * 60 / $0 } ?? 0
        let total = limit.tokensPerMinute.map { Double(waiting.reduce(0) { $0 + $1.tokens }) * 60 / $0 } ?? 0
        return .seconds(max(requests, total))
    }

    package mutating func next() -> Step {
        guard !waiting.isEmpty else { return rest() }
        guard let limit else { return .ask([waiting[0].ticket], requests: 1, tokens: waiting[0].tokens) }
        guard isLimited else {
            let free = min(window - inFlight, waiting.count)
            if free <= 0 { return rest() }
            let tickets = waiting.prefix(free).map(\.ticket)
            waiting.removeFirst(free)
            inFlight += free
            return .send(tickets)
        }
        var tickets: [Int] = [], tokens = 0
        let most = Int(min(max((limit.requestsPerMinute ?? .infinity) / 60 / Self.turnsPerSecond, 1), Self.mostPerTurn))
        let mostTokens = (limit.tokensPerMinute ?? .infinity) / 60 / Self.turnsPerSecond
        for one in waiting.prefix(most) where tickets.isEmpty || Double(tokens + one.tokens) <= mostTokens {
            tickets.append(one.ticket)
            tokens += one.tokens
        }
        return .ask(tickets, requests: tickets.count, tokens: tokens)
    }

    private mutating func rest() -> Step {
        isServed = false
        return .idle
    }

    /// Their turn has come.
    ///
    /// - Returns: those that still wait for it.
    package mutating func begin(_ tickets: [Int]) -> [Int] {
        let chosen = Set(tickets), ready = waiting.filter { chosen.contains($0.ticket) }.map(\.ticket)
        waiting.removeAll { chosen.contains($0.ticket) }
        inFlight += ready.count
        return ready
    }

    mutating func dismissAll() -> [Int] {
        defer { waiting = [] }
        return waiting.map(\.ticket)
    }

    /// - Returns: whether it still waited.
    mutating func leave(_ ticket: Int) -> Bool {
        let count = waiting.count
        waiting.removeAll { $0.ticket == ticket }
        return waiting.count < count
    }

    /// - Returns: whether somebody waits whom nobody serves; the caller does now.
    package mutating func learn(_ new: LanguageModelLimit) -> Bool {
        limit = new
        return resumes()
    }

    private mutating func resumes() -> Bool {
        defer { isServed = isServed || !waiting.isEmpty }
        return !isServed && !waiting.isEmpty
    }

    package mutating func ended(_ attempt: AttemptReport, tokens: Int) -> After {
        inFlight = max(inFlight - 1, 0)
        let isRefused = attempt.status == 429
        if isRefused { window = max(window / 2, 1) } else if attempt.status == 200 { window = min(window + 1, 4096) }
        report.requests += 1
        if isRefused {
            report.refusals += 1
            report.rest = max(report.rest ?? .zero, min(attempt.retryAfter ?? .seconds(1), .seconds(3600)))
            // Within that time there is room for one more at the least.
            if let wait = attempt.retryAfter, wait > .zero { report.leastRequestsPerMinute = min(Duration.seconds(60) / wait, report.leastRequestsPerMinute ?? .infinity) }
        }
        note(attempt.limits)
        let isNews = (report.requestsPerMinute != nil && limit?.requestsPerMinute == nil) || (report.tokensPerMinute != nil && limit?.tokensPerMinute == nil) || isRefused
        let reports = !isReporting
        isReporting = true
        let begins = !isServed && !waiting.isEmpty && !isNews
        isServed = isServed || begins
        return After(begins: begins, reports: reports, isUrgent: isNews)
    }

    private mutating func note(_ headers: RateLimitHeaders) {
        if let limit = headers.requestLimit, limit > 0 {
            report.requestsPerMinute = Double(limit)
            if let remaining = headers.requestsRemaining {
                report.requestPace = LimitPace.pace(perMinute: limit, remaining: remaining, reset: headers.requestsReset, largest: 1)
            }
        }
        if let limit = headers.tokenLimit, limit > 0 {
            report.tokensPerMinute = Double(limit)
            if let remaining = headers.tokensRemaining {
                report.tokenPace = LimitPace.pace(perMinute: limit, remaining: remaining, reset: headers.tokensReset, largest: largestTokens)
            }
        }
    }

    package mutating func takeReport() -> LanguageModelLimitReport {
        isReporting = false
        defer { report = LanguageModelLimitReport() }
        return report
    }

    /// The report did not reach the ledger: it goes with the next one.
    ///
    /// - Returns: whether somebody waits whom nobody serves, since news were to come; the caller does now.
    package mutating func reportFailed(_ lost: LanguageModelLimitReport) -> Bool {
        report.requestsPerMinute = report.requestsPerMinute ?? lost.requestsPerMinute
        report.tokensPerMinute = report.tokensPerMinute ?? lost.tokensPerMinute
        report.requestPace = report.requestPace ?? lost.requestPace
        report.tokenPace = report.tokenPace ?? lost.tokenPace
        report.rest = [report.rest, lost.rest].compactMap(\.self).max()
        report.leastRequestsPerMinute = [report.leastRequestsPerMinute, lost.leastRequestsPerMinute].compactMap(\.self).min()
        report.requests += lost.requests
        report.refusals += lost.refusals
        return resumes()
    }

    // MARK: answers that came before their wait began

    mutating func keepEarly(_ ticket: Int, _ result: Result<Void, ChatError>) { early[ticket] = result }

    mutating func takeEarly(_ ticket: Int) -> Result<Void, ChatError>? { early.removeValue(forKey: ticket) }
}
