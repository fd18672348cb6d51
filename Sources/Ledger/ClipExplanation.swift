import FleetModel
import Foundation

/// Why each stage of a clip stands where it stands in a job.
public struct ClipExplanation: Sendable, Equatable {
    public struct Stage: Sendable, Equatable {
        public var stage: StageName
        public var version: Int
        /// nil while it is not planned.
        public var task: Int64?
        public var reason: StageReason

        public init(stage: StageName, version: Int, task: Int64?, reason: StageReason) {
            self.stage = stage
            self.version = version
            self.task = task
            self.reason = reason
        }
    }

    /// The database's time of all that is said here.
    public var now: Date
    public var clip: String
    public var job: ClipFacts.Job
    /// In topological order.
    public var stages: [Stage]

    public subscript(stage: StageName) -> StageReason? { stages.first { $0.stage == stage }?.reason }
}

/// What the asking program knows of the fleet and the ledger does not.
public struct FleetExpectations: Sendable {
    /// How many tokens of one broker queue are out at once.
    public var window: Int
    /// How many failed attempts end a task of a stage.
    public var attemptLimits: [StageName: Int]
    /// A worker that was not heard of for longer is not live.
    public var workerSilence: Duration

    public init(window: Int = 1_024, attemptLimits: [StageName: Int] = [:], workerSilence: Duration = .seconds(60)) {
        self.window = window
        self.attemptLimits = attemptLimits
        self.workerSilence = workerSilence
    }
}

extension ClipFacts {
    /// The reasons, decided from these facts alone.
    public func explanation(_ expectations: FleetExpectations = FleetExpectations()) -> ClipExplanation {
        var reasons: [StageReason] = []
        for stage in stages { reasons.append(reason(of: stage, after: reasons, expectations)) }
        return ClipExplanation(now: now, clip: clip, job: job, stages: zip(stages, reasons).map {
            ClipExplanation.Stage(stage: $0.stage, version: $0.version, task: $0.task?.id, reason: $1)
        })
    }

    private func reason(of stage: Stage, after earlier: [StageReason], _ expectations: FleetExpectations) -> StageReason {
        guard let task = stage.task else {
            return job.state == .cancelled || job.state == .paused ? .jobStopped(job.id, job.state)
                : .unplanned(plannedTo: job.plannedTo, clips: job.clipsPlanned, of: job.clipsTotal)
        }
        switch task.state {
        case .done: if let completion = task.completion { return .done(completion) }
        case .filtered: if let filtering = task.filtering { return .filtered(filtering) }
        case .dead: if let failure = task.failure { return .dead(failure) }
        case .open: return openReason(of: stage, task, after: earlier, expectations)
        }
        return .lost
    }

    private func openReason(of stage: Stage, _ task: Task, after earlier: [StageReason], _ expectations: FleetExpectations) -> StageReason {
        if let lease = task.lease { return .leased(lease) }
        if let delay = task.delay { return delayed(task, delay, limit: expectations.attemptLimits[stage.stage]) }
        if let place = task.place { return readyReason(of: stage, task, place, expectations) }
        let open = stage.requires.filter { if case .done = earlier[$0] { false } else { true } }
        for upstream in open {
            switch earlier[upstream] {
            case .dead(let failure): return .blocked(by: stages[upstream].stage, code: failure.error.code)
            case .blocked(let by, let code): return .blocked(by: by, code: code)
            // What depends on a filtered task ends with it, in one transaction.
            case .filtered: return .miscounted(waiting: task.waiting)
            default: continue
            }
        }
        if !open.isEmpty { return .waits(for: open.map { stages[$0].stage }, causes: causes(behind: open, earlier)) }
        // A job that stops takes its ready rows along.
        if !job.state.isLive { return .jobStopped(job.id, job.state) }
        return task.waiting > 0 ? .miscounted(waiting: task.waiting) : .lost
    }

    /// The stages at the bottom of the waiting, in topological order.
    private func causes(behind open: [Int], _ earlier: [StageReason]) -> [StageName] {
        var names: Set<StageName> = []
        for upstream in open {
            if case .waits(_, let causes) = earlier[upstream] { names.formUnion(causes) } else { names.insert(stages[upstream].stage) }
        }
        return stages.map(\.stage).filter(names.contains)
    }

    /// The delay's words are those of the error that it follows; a stage that asked for time left no attempt with them.
    private func delayed(_ task: Task, _ delay: Delay, limit: Int?) -> StageReason {
        guard let last = task.lastAttempt, last.message == delay.reason else { return .deferred(until: delay.runAt, reason: delay.reason) }
        return .retries(StageRetry(at: delay.runAt, code: last.code, message: last.message, failed: task.attempts, limit: limit))
    }

    /// From what stops everything to what only makes it wait its turn.
    private func readyReason(of stage: Stage, _ task: Task, _ place: QueuePlace, _ expectations: FleetExpectations) -> StageReason {
        if !place.job.state.isLive { return .jobStopped(place.job.id, place.job.state) }
        if stage.control.isPaused { return .stagePaused(stage.control) }
        if !leader.leads { return .noCoordinator(since: leader.until) }
        if let hindrance = leader.hindrance { return .brokerBlocked(hindrance) }
        if stage.workers.serving == 0 { return .noWorker(stage.workers) }
        if let limit = place.taskLimit, place.leased + place.ahead >= limit {
            return .jobLimited(place.job.id, limit: limit, leased: place.leased, ahead: place.ahead)
        }
        if let rate = stage.control.rate { return .rateLimited(perSecond: rate, ahead: place.ahead) }
        let share = windowShare(of: place, expectations.window)
        if place.ahead >= share {
            let before = place.queues.filter { $0.priority > place.job.priority && $0.ready > 0 }
            return share == 0 && !before.isEmpty ? .outranked(by: before.map(\.job), ready: before.reduce(0) { $0 + $1.ready })
                : .windowFull(ahead: place.ahead, share: share)
        }
        return .queued(ahead: place.ahead, since: readySince(stage, task), workers: stage.workers)
    }

    /// How much of the broker's queue the job may fill: by priority, evenly among equals, and what others leave.
    private func windowShare(of place: QueuePlace, _ window: Int) -> Int {
        let mine = place.job.priority
        let above = place.queues.filter { $0.priority > mine }.reduce(0) { $0 + $1.ready }
        let left = max(window - above, 0)
        let equals = place.queues.filter { $0.priority == mine && $0.job != place.job.id && $0.ready > 0 }
        let fair = left / (equals.count + 1)
        let taken = equals.reduce(0) { $0 + min($1.ready, fair) }
        return left == 0 ? 0 : max(left - taken, 1)
    }

    /// Nothing writes down when a task became ready; it was not before all of this had happened.
    private func readySince(_ stage: Stage, _ task: Task) -> Date {
        let upstream = stage.requires.compactMap { stages[$0].task?.completion?.at }
        return (upstream + [task.lastAttempt?.at, job.submittedAt].compactMap { $0 }).max() ?? job.submittedAt
    }
}

extension JobState {
    /// Something of it may run.
    public var isLive: Bool { self == .planning || self == .running }
}
