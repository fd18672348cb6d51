import FleetModel
import Foundation

extension StageReason {
    /// One word, as progress tables use it.
    public var state: String {
        switch self {
        case .done: "done"
        case .filtered: "filtered"
        case .dead: "failed"
        case .blocked: "blocked"
        case .leased: "running"
        case .unplanned: "unplanned"
        case .waits, .miscounted: "waiting"
        case .retries, .deferred: "delayed"
        case .jobStopped: "stopped"
        case .stagePaused, .noCoordinator, .brokerBlocked, .noWorker, .jobLimited, .outranked, .windowFull, .rateLimited, .queued: "ready"
        case .lost: "lost"
        }
    }

    /// A stable name of the reason, for scripts.
    public var code: String {
        switch self {
        case .done(let completion): completion.isReused ? "done.reused" : "done"
        case .filtered: "filtered"
        case .dead(let failure): failure.isDiscarded ? "dead.discarded" : "dead"
        case .blocked: "blocked"
        case .leased(let lease): lease.isStarted ? "leased.started" : "leased"
        case .unplanned: "job.planning"
        case .waits: "waits"
        case .retries: "retry"
        case .deferred: "deferred"
        case .jobStopped(_, let state): "job.\(state.name)"
        case .stagePaused: "stage.paused"
        case .noCoordinator: "coordinator.none"
        case .brokerBlocked: "broker.blocked"
        case .noWorker: "worker.none"
        case .jobLimited: "job.limit"
        case .outranked: "job.outranked"
        case .windowFull: "window.full"
        case .rateLimited: "stage.rate"
        case .queued: "queued"
        case .miscounted: "task.miscounted"
        case .lost: "task.lost"
        }
    }
}

extension ClipExplanation {
    /// Why the stage stands where it stands, in a sentence that needs no table.
    public func text(of stage: Stage) -> String {
        guard case .waits(let upstreams, let causes) = stage.reason else { return text(stage.reason, stage) }
        let waits = "waits for " + upstreams.map(\.rawValue).joined(separator: ", ")
        let bottom = causes.compactMap { cause in stages.first { $0.stage == cause } }
        // What stops them all is said once; of different causes the first two: the table has the others.
        let reasons = bottom.map { text($0.reason, $0) }
        if let one = reasons.first, reasons.allSatisfy({ $0 == one }) { return waits + " (\(bottom.map(\.stage.rawValue).joined(separator: ", ")): \(one))" }
        let said = zip(bottom, reasons).prefix(2).map { "\($0.stage): \($1)" } + (bottom.count > 2 ? ["and \(bottom.count - 2) more"] : [])
        return waits + " (\(said.joined(separator: "; ")))"
    }

    /// What a person can do about it; nil where there is nothing to do.
    public func remedy(of stage: Stage) -> String? {
        switch stage.reason {
        case .dead(let failure):
            failure.isDiscarded ? nil : "once the cause is mended: mvfleet failures retry --job \(job.id) --stage \(stage.stage) --code \(failure.error.code)"
        case .jobStopped(let id, .paused): "mvfleet job \(id) resume"
        case .jobStopped(_, .cancelled): "submit the job again: what has a result is reused"
        case .stagePaused: "mvfleet stage \(stage.stage) resume"
        case .noCoordinator: "start one: mvfleet coordinator"
        case .brokerBlocked: Leader.remedyOfHindrance
        case .noWorker: "start one: mvfleet worker \(stage.stage)"
        case .miscounted, .lost: "the sweeper of a running coordinator repairs this within minutes; if it stays, run mvfleet doctor"
        case .leased(let lease) where lease.until < now: "leases that ended are taken back by a running coordinator: see mvfleet status"
        default: nil
        }
    }

    private func text(_ reason: StageReason, _ stage: Stage) -> String {
        switch reason {
        case .done(let completion): text(completion)
        case .filtered(let filtering):
            (filtering.origin == stage.stage ? "filtered" : "follows \(filtering.origin), which filtered it") + " at \(instant(filtering.at)): \(filtering.reason)"
        case .dead(let failure): text(failure)
        case .blocked(let by, let code): "blocked by \(by), which is dead (\(code)): it runs when that was retried and ends well"
        case .leased(let lease): text(lease)
        case .unplanned(let key, let clips, let total):
            "not planned yet: the job's planner has come to '\(key)', \(clips) of \(total) clips"
        case .waits(let upstreams, _): "waits for " + upstreams.map(\.rawValue).joined(separator: ", ")
        case .retries(let retry):
            (retry.at <= now ? "runs again since \(instant(retry.at)), at the next sweep" : "runs again at \(instant(retry.at))")
                + " after attempt \(retry.failed)\(retry.limit.map { " of \($0)" } ?? "") failed: \(retry.message) (\(retry.code))"
        case .deferred(let until, let reason): "deferred until \(instant(until)): \(reason)"
        case .jobStopped(let id, let state):
            id == job.id ? "the job is \(state.name)" : "it stands in the queue of job \(id), which is \(state.name)"
        case .stagePaused(let control): "the stage is paused" + by(control)
        case .noCoordinator(let since): "no coordinator leads" + (since.map { " since \(instant($0))" } ?? "") + ": nothing is dispatched"
        case .brokerBlocked(let hindrance): "ready, and nothing can be dispatched: \(hindrance)"
        case .noWorker(let workers): text(workers, stage)
        case .jobLimited(let id, let limit, let leased, let ahead):
            "job \(id) is limited to \(limit) tasks at once: \(leased) are leased, \(ahead) ready ones are before it"
        case .outranked(let jobs, let ready):
            "\(jobs.count == 1 ? "job" : "jobs") \(jobs.map(\.description).joined(separator: ", ")) of higher priority \(jobs.count == 1 ? "goes" : "go") first with \(ready) ready tasks"
        case .windowFull(let ahead, let share): "not dispatched yet: \(ahead) of its job are before it, and \(share) may be out at once"
        case .rateLimited(let rate, let ahead):
            "the stage may begin \(rate.formatted()) tasks a second: \(ahead) of its job are before it, about \(TimeText.length(seconds: Double(ahead) / rate))"
        case .queued(let ahead, let since, let workers):
            "in the queue, not longer than since \(instant(since)): \(ahead) of its job before it, \(workers.serving) \(workers.serving == 1 ? "worker serves" : "workers serve") it"
        case .miscounted(let waiting): "waits for \(waiting) upstream tasks, and none is to come: its count is wrong"
        case .lost: "nothing holds it: no ready row, lease, date or ending"
        }
    }

    private func text(_ completion: StageCompletion) -> String {
        let reuse = completion.isReused ? "reused from \(completion.job.map { "job \($0)" } ?? "a job that is gone"): " : ""
        let other = !completion.isReused && completion.job != job.id ? completion.job.map { ", for job \($0), which shares it" } : nil
        return reuse + "made at \(instant(completion.at)) in \(TimeText.length(completion.duration)) by \(completion.worker.text)" + (other ?? "")
            + (completion.isDegraded ? ", by a declared fallback" : "")
    }

    private func text(_ failure: StageFailure) -> String {
        let tries = failure.attempts == 1 ? "1 attempt" : "\(failure.attempts) attempts"
        let lost = failure.strikes == 0 ? "" : ", \(failure.strikes) lost workers"
        return (failure.isDiscarded ? "discarded; " : "") + "dead since \(instant(failure.at)) after \(tries)\(lost): \(failure.error)"
    }

    private func text(_ lease: StageLease) -> String {
        let work = lease.isStarted ? "runs with" : "leased by"
        let end = lease.until < now ? "whose lease ended at \(instant(lease.until)): the next sweep takes it back" : "lease until \(instant(lease.until))"
        let silence = lease.workerSeenAt.map { now.timeIntervalSince($0) } ?? 0
        let seen = lease.workerSeenAt == nil ? ", which has said goodbye" : silence > 15 ? ", not heard of for \(TimeText.length(seconds: silence))" : ""
        return "\(work) \(lease.worker.text)\(seen) since \(instant(lease.since)), \(end)"
    }

    private func text(_ workers: StageWorkers, _ stage: Stage) -> String {
        var others: [String] = []
        for (version, these) in Dictionary(grouping: workers.otherVersions, by: { $0 }).sorted(by: { $0.key < $1.key }) {
            others.append("\(these.count) serve version \(version)")
        }
        if workers.draining > 0 { others.append("\(workers.draining) drain") }
        if workers.deaf > 0 { others.append("\(workers.deaf) alive without consuming") }
        return "no live worker serves \(stage.stage) version \(stage.version)" + (others.isEmpty ? "" : ": " + others.joined(separator: ", "))
    }

    private func by(_ control: StageControl) -> String {
        (control.changedAt.map { " since \(instant($0))" } ?? "") + (control.changedBy.map { " by \($0)" } ?? "")
    }

    private func instant(_ date: Date) -> String { TimeText.instant(date, now: now) }
}

extension WorkerReference {
    /// `worker 7 (node-3, pid 4711, 0.3.0)`
    public var text: String {
        // Behind the name stand the machine's boot and the process namespace, which are for programs.
        let place = host.map { String($0.prefix { $0 != "/" }) }
        let known = [place, pid.map { "pid \($0)" }, version].compactMap { $0 }
        return "worker \(id)" + (known.isEmpty ? "" : " (\(known.joined(separator: ", ")))")
    }
}
