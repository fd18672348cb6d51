import FleetModel
import Foundation

/// What happened to a clip in a job, over all stages and attempts, in order of time.
public struct ClipTimeline: Sendable, Equatable {
    public struct Entry: Sendable, Equatable {
        /// When it ended, for what takes time.
        public var at: Date
        /// nil for what concerns all stages.
        public var stage: StageName?
        public var event: Event
        public var worker: WorkerReference?
        public var duration: Duration?

        public init(at: Date, stage: StageName? = nil, _ event: Event, worker: WorkerReference? = nil, duration: Duration? = nil) {
            self.at = at
            self.stage = stage
            self.event = event
            self.worker = worker
            self.duration = duration
        }
    }

    public enum Event: Sendable, Equatable {
        /// The clip's document, as this job reads it, came into the ledger.
        case ingested
        case submitted(JobID)
        case planned(JobID)
        /// - counted: its number since the task was last reopened.
        case failed(counted: Int, FleetError, isFirstAfterRetry: Bool)
        /// The worker went silent with the task started.
        case workerLost(strike: Int)
        case done(madeFor: JobID?, isReused: Bool, isDegraded: Bool)
        case filtered(reason: String, origin: StageName)
        case dead(FleetError, isDiscarded: Bool)
        case leased(until: Date, isStarted: Bool)
        /// Somebody changed the job, a stage of it, or retried or discarded failures that this clip's may have been among.
        case action(who: String, what: String, filter: String)
        /// To come.
        case runsAgain(reason: String)
    }

    /// The database's time of all that is said here.
    public var now: Date
    public var clip: String
    public var job: JobID
    public var entries: [Entry]
    /// What was known once and is not any more, in words.
    public var gaps: [String]

    public init(now: Date, clip: String, job: JobID, entries: [Entry], gaps: [String] = []) {
        self.now = now
        self.clip = clip
        self.job = job
        self.entries = entries
        self.gaps = gaps
    }
}

/// A failed attempt as a timeline is made of it.
public struct TimelineAttempt: Sendable, Equatable {
    public var task: Int64
    public var number: Int
    public var at: Date
    public var worker: WorkerReference?
    public var duration: Duration
    public var error: FleetError

    public init(task: Int64, number: Int, at: Date, worker: WorkerReference?, duration: Duration, error: FleetError) {
        self.task = task
        self.number = number
        self.at = at
        self.worker = worker
        self.duration = duration
        self.error = error
    }
}

extension ClipTimeline {
    /// - Parameters:
    ///   - attempts: of these tasks, oldest first.
    ///   - actions: what people did to the fleet meanwhile.
    ///   - ingestedAt: nil while the clip is not planned.
    ///   - historyKept: how long attempts are kept.
    public init(_ facts: ClipFacts, attempts: [TimelineAttempt], actions: [AuditRecord] = [], ingestedAt: Date?, plannedAt: Date?, historyKept: Duration) {
        var entries: [Entry] = [Entry(at: facts.job.submittedAt, .submitted(facts.job.id))]
        if let ingestedAt { entries.append(Entry(at: ingestedAt, .ingested)) }
        if let plannedAt { entries.append(Entry(at: plannedAt, .planned(facts.job.id))) }
        for action in actions where ClipTimeline.concerns(facts, attempts, action) {
            entries.append(Entry(at: action.at, .action(who: action.who, what: action.action, filter: action.filter)))
        }
        var gaps: [String] = []
        let horizon = facts.now.addingTimeInterval(-historyKept.inSeconds)
        if facts.job.submittedAt < horizon {
            gaps.append("failed attempts from before \(TimeText.clock(horizon, now: facts.now)) are dropped: attempts are kept for \(TimeText.length(historyKept))")
        }
        for stage in facts.stages {
            guard let task = stage.task else { continue }
            let own = attempts.filter { $0.task == task.id }
            entries += ClipTimeline.entries(of: own, stage.stage) + ClipTimeline.entries(of: task, stage.stage)
            let missing = task.attempts + task.strikes - own.count
            if missing > 0 {
                gaps.append("\(stage.stage): \(missing) of its \(task.attempts + task.strikes) failed attempts are not kept any more")
            }
        }
        // What happened at one moment stays in the order of the stages.
        let ordered = entries.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
        self.init(now: facts.now, clip: facts.clip, job: facts.job.id, entries: ordered, gaps: gaps)
    }

    private struct ActionFilter: Decodable {
        var job: Int64?
        var stage: String?
        var code: String?
    }

    /// What the action was about does not rule this clip out.
    private static func concerns(_ facts: ClipFacts, _ attempts: [TimelineAttempt], _ action: AuditRecord) -> Bool {
        guard action.at >= facts.job.submittedAt, let filter = try? CanonicalJSON.decode(ActionFilter.self, from: action.filter) else { return false }
        if let job = filter.job, job != facts.job.id.rawValue { return false }
        if let stage = filter.stage, !facts.stages.contains(where: { $0.stage.rawValue == stage }) { return false }
        guard action.action.hasPrefix("failures.") else { return filter.job != nil || filter.stage != nil }
        let failed = Set(attempts.map(\.error.code) + facts.stages.compactMap { $0.task?.failure?.error.code })
        return filter.code.map { failed.contains(FleetError.Code(rawValue: $0)) } ?? !failed.isEmpty
    }

    private static func entries(of attempts: [TimelineAttempt], _ stage: StageName) -> [Entry] {
        var counted = 0
        return attempts.map { attempt in
            if attempt.error.code == "worker.lost" {
                return Entry(at: attempt.at, stage: stage, .workerLost(strike: attempt.number), worker: attempt.worker)
            }
            // A retry begins to count anew.
            let isFirst = attempt.number <= counted
            counted = attempt.number
            return Entry(at: attempt.at, stage: stage, .failed(counted: attempt.number, attempt.error, isFirstAfterRetry: isFirst), worker: attempt.worker,
                         duration: attempt.duration)
        }
    }

    private static func entries(of task: ClipFacts.Task, _ stage: StageName) -> [Entry] {
        var entries: [Entry] = []
        if let done = task.completion {
            entries.append(Entry(at: done.at, stage: stage, .done(madeFor: done.job, isReused: done.isReused, isDegraded: done.isDegraded), worker: done.worker,
                                 duration: done.duration))
        }
        if let filtering = task.filtering { entries.append(Entry(at: filtering.at, stage: stage, .filtered(reason: filtering.reason, origin: filtering.origin))) }
        if let failure = task.failure { entries.append(Entry(at: failure.at, stage: stage, .dead(failure.error, isDiscarded: failure.isDiscarded))) }
        if let lease = task.lease { entries.append(Entry(at: lease.since, stage: stage, .leased(until: lease.until, isStarted: lease.isStarted), worker: lease.worker)) }
        if let delay = task.delay { entries.append(Entry(at: delay.runAt, stage: stage, .runsAgain(reason: delay.reason))) }
        return entries
    }
}
