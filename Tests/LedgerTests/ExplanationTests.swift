import FleetModel
import Foundation
import Ledger
import Testing

/// The decision, as a value: facts in, reasons out.
struct ExplanationTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)
    private let worker = WorkerReference(id: WorkerID(rawValue: 7), host: "node-3/boot/ns", pid: 4711, version: "0.3.0")

    /// frames → captions → description, of which `configure` sets the first; the others wait.
    private func explain(job state: JobState = .running, leads: Bool = true, hindrance: String? = nil, expecting: FleetExpectations = FleetExpectations(),
                         _ configure: (inout ClipFacts.Stage, inout ClipFacts.Task, ClipFacts.Job) -> Void) -> ClipExplanation {
        var job = ClipFacts.Job(id: JobID(rawValue: 3), name: "relabel", state: state, submittedAt: Self.now - 600)
        job.priority = 1
        var frames = ClipFacts.Stage(stage: "frames", version: 2, workers: StageWorkers(serving: 1))
        var task = ClipFacts.Task(id: 11)
        configure(&frames, &task, job)
        frames.task = task
        var captions = ClipFacts.Task(id: 12), description = ClipFacts.Task(id: 13)
        captions.waiting = 1
        description.waiting = 1
        let leader = Leader(leads: leads, until: leads ? Self.now + 5 : Self.now - 90, hindrance: hindrance)
        return ClipFacts(now: Self.now, clip: "clip-1", job: job, leader: leader, stages: [
            frames, ClipFacts.Stage(stage: "captions", requires: [0], task: captions, workers: StageWorkers(serving: 1)),
            ClipFacts.Stage(stage: "description", requires: [1], task: description, workers: StageWorkers(serving: 1)),
        ]).explanation(expecting)
    }

    private func first(_ explanation: ClipExplanation) -> String { explanation.text(of: explanation.stages[0]) }

    private func ready(_ job: ClipFacts.Job, ahead: Int = 0, rivals: [ClipFacts.Rival] = [], limit: Int? = nil, leased: Int = 0) -> ClipFacts.QueuePlace {
        ClipFacts.QueuePlace(job: job, ahead: ahead, queues: [ClipFacts.Rival(job: job.id, priority: job.priority, ready: ahead + 1)] + rivals, taskLimit: limit, leased: leased)
    }

    // MARK: under way and delayed

    @Test func `a leased task names its worker, and what waits names the stage at the bottom`() {
        let explanation = explain { _, task, _ in
            task.lease = StageLease(worker: worker, since: Self.now - 30, until: Self.now + 30, isStarted: true, workerSeenAt: Self.now - 2)
        }
        #expect(explanation["captions"] == .waits(for: ["frames"], causes: ["frames"]))
        #expect(explanation["description"] == .waits(for: ["captions"], causes: ["frames"]))
        #expect(first(explanation) == "runs with worker 7 (node-3, pid 4711, 0.3.0) since 07:59:30 UTC (30 s ago), lease until 08:00:30 UTC (in 30 s)")
        #expect(explanation.text(of: explanation.stages[2]) == "waits for captions (frames: \(first(explanation)))")
    }

    @Test func `a lease past its end, of a worker that is silent, says both`() {
        let explanation = explain { _, task, _ in
            task.lease = StageLease(worker: worker, since: Self.now - 300, until: Self.now - 20, isStarted: false, workerSeenAt: Self.now - 80)
        }
        #expect(first(explanation).contains("leased by worker 7"))
        #expect(first(explanation).contains("not heard of for 1 min 20 s"))
        #expect(first(explanation).contains("whose lease ended at 07:59:40 UTC (20 s ago)"))
        #expect(explanation.remedy(of: explanation.stages[0]) != nil)
    }

    @Test func `a delay with the words of the last error is a retry, any other is the stage's own wish`() {
        let expectations = FleetExpectations(attemptLimits: ["frames": 5])
        let retried = explain(expecting: expectations) { _, task, _ in
            task.attempts = 2
            task.delay = ClipFacts.Delay(runAt: Self.now + 12, reason: "too busy")
            task.lastAttempt = ClipFacts.Attempt(at: Self.now - 1, code: "llm.busy", message: "too busy")
        }
        #expect(retried["frames"] == .retries(StageRetry(at: Self.now + 12, code: "llm.busy", message: "too busy", failed: 2, limit: 5)))
        #expect(first(retried) == "runs again at 08:00:12 UTC (in 12 s) after attempt 2 of 5 failed: too busy (llm.busy)")
        let deferred = explain { _, task, _ in
            task.attempts = 2
            task.delay = ClipFacts.Delay(runAt: Self.now + 12, reason: "the lane is full")
            task.lastAttempt = ClipFacts.Attempt(at: Self.now - 1, code: "llm.busy", message: "too busy")
        }
        #expect(deferred["frames"] == .deferred(until: Self.now + 12, reason: "the lane is full"))
    }

    // MARK: ready

    @Test func `what stops everything is named before what only makes it wait its turn`() {
        var stopped = ClipFacts.Job(id: JobID(rawValue: 9), name: "other", state: .paused)
        #expect(explain { _, task, _ in task.place = ready(stopped) }["frames"] == .jobStopped(JobID(rawValue: 9), .paused))
        stopped.state = .cancelled
        #expect(explain { _, task, _ in task.place = ready(stopped) }["frames"] == .jobStopped(JobID(rawValue: 9), .cancelled))
        let paused = explain(leads: false) { stage, task, job in
            stage.control.isPaused = true
            stage.control.changedBy = "ann@ops"
            task.place = ready(job)
        }
        #expect(first(paused) == "the stage is paused by ann@ops")
        let headless = explain(leads: false) { stage, task, job in
            stage.workers = StageWorkers()
            task.place = ready(job)
        }
        #expect(headless["frames"] == .noCoordinator(since: Self.now - 90))
        let blocked = explain(hindrance: "RabbitMQ takes no messages (low on memory)") { stage, task, job in
            stage.workers = StageWorkers()
            task.place = ready(job)
        }
        #expect(first(blocked) == "ready, and nothing can be dispatched: RabbitMQ takes no messages (low on memory)")
        #expect(blocked.stages[0].reason.code == "broker.blocked" && blocked.remedy(of: blocked.stages[0])?.hasPrefix("mend the broker") == true)
        let unserved = explain { stage, task, job in
            stage.workers = StageWorkers(otherVersions: [1, 1], draining: 1, deaf: 2)
            task.place = ready(job, ahead: 5000)
        }
        #expect(first(unserved) == "no live worker serves frames version 2: 2 serve version 1, 1 drain, 2 alive without consuming")
        #expect(unserved.remedy(of: unserved.stages[0]) == "start one: mvfleet worker frames")
    }

    @Test func `a limited job and a limited stage say how much is before the task`() {
        #expect(explain { _, task, job in task.place = ready(job, ahead: 3, limit: 10, leased: 7) }["frames"]
            == .jobLimited(JobID(rawValue: 3), limit: 10, leased: 7, ahead: 3))
        #expect(explain { _, task, job in task.place = ready(job, ahead: 2, limit: 10, leased: 7) }["frames"]?.code == "queued")
        let slow = explain { stage, task, job in
            stage.control.rate = 5
            task.place = ready(job, ahead: 600)
        }
        #expect(first(slow) == "the stage may begin 5 tasks a second: 600 of its job are before it, about 2 min")
    }

    @Test func `the window is filled by priority, and evenly among equals`() {
        let expectations = FleetExpectations(window: 100)
        func reason(ahead: Int, _ rivals: [ClipFacts.Rival]) -> StageReason? {
            explain(expecting: expectations) { _, task, job in task.place = ready(job, ahead: ahead, rivals: rivals) }["frames"]
        }
        #expect(reason(ahead: 99, [])?.code == "queued")
        #expect(reason(ahead: 100, []) == .windowFull(ahead: 100, share: 100))
        let equal = ClipFacts.Rival(job: JobID(rawValue: 4), priority: 1, ready: 200)
        #expect(reason(ahead: 49, [equal])?.code == "queued")
        #expect(reason(ahead: 50, [equal]) == .windowFull(ahead: 50, share: 50))
        #expect(reason(ahead: 89, [ClipFacts.Rival(job: JobID(rawValue: 4), priority: 1, ready: 10)])?.code == "queued")
        let above = ClipFacts.Rival(job: JobID(rawValue: 5), priority: 2, ready: 200)
        #expect(reason(ahead: 0, [above]) == .outranked(by: [JobID(rawValue: 5)], ready: 200))
        #expect(reason(ahead: 0, [ClipFacts.Rival(job: JobID(rawValue: 6), priority: 0, ready: 200)])?.code == "queued")
    }

    @Test func `a task in the window cannot be ready for longer than its last attempt`() {
        let explanation = explain { _, task, job in
            task.place = ready(job, ahead: 4)
            task.lastAttempt = ClipFacts.Attempt(at: Self.now - 5, code: "x", message: "y")
        }
        #expect(explanation["frames"] == .queued(ahead: 4, since: Self.now - 5, workers: StageWorkers(serving: 1)))
    }

    // MARK: ended

    @Test func `a dead task blocks what is behind it, and says how to retry`() {
        let explanation = explain { _, task, _ in
            task.state = .dead
            task.failure = StageFailure(at: Self.now - 60, error: FleetError("video.broken", "no picture"), attempts: 1)
        }
        #expect(explanation["captions"] == .blocked(by: "frames", code: "video.broken"))
        #expect(explanation["description"] == .blocked(by: "frames", code: "video.broken"))
        #expect(first(explanation) == "dead since 07:59:00 UTC (1 min ago) after 1 attempt: no picture (video.broken)")
        #expect(explanation.remedy(of: explanation.stages[0]) == "once the cause is mended: mvfleet failures retry --job 3 --stage frames --code video.broken")
    }

    @Test func `what was made says by whom, how long, and for which job`() {
        func text(_ job: Int64?, reused: Bool) -> String {
            first(explain { _, task, _ in
                task.state = .done
                task.completion = StageCompletion(at: Self.now - 60, worker: worker, duration: .milliseconds(1500), job: job.map(JobID.init(rawValue:)), isReused: reused)
            })
        }
        let made = "made at 07:59:00 UTC (1 min ago) in 2 s by worker 7 (node-3, pid 4711, 0.3.0)"
        #expect(text(3, reused: false) == made)
        #expect(text(2, reused: true) == "reused from job 2: " + made)
        #expect(text(nil, reused: true) == "reused from a job that is gone: " + made)
        #expect(text(4, reused: false) == made + ", for job 4, which shares it")
    }

    @Test func `a filtered task names the stage whose verdict it is`() {
        let explanation = explain { _, task, _ in
            task.state = .filtered
            task.filtering = StageFiltering(at: Self.now, reason: "static image", origin: "frames")
        }
        #expect(first(explanation) == "filtered at 08:00:00 UTC (now): static image")
        #expect(explanation["captions"] == .miscounted(waiting: 1))
    }

    // MARK: not there, and what should never be

    @Test func `a clip that is not planned yet says how far the planner is`() {
        let job = ClipFacts.Job(id: JobID(rawValue: 3), name: "relabel", state: .planning, plannedTo: "clip-0", clipsPlanned: 10, clipsTotal: 20)
        let facts = ClipFacts(now: Self.now, clip: "clip-1", job: job, isPlanned: false, leader: Leader(leads: true), stages: [ClipFacts.Stage(stage: "frames")])
        #expect(first(facts.explanation()) == "not planned yet: the job's planner has come to 'clip-0', 10 of 20 clips")
    }

    @Test func `an open task that nothing holds is lost in a live job and stopped in a cancelled one`() {
        #expect(explain { _, _, _ in }["frames"] == .lost)
        #expect(explain(job: .cancelled) { _, _, _ in }["frames"] == .jobStopped(JobID(rawValue: 3), .cancelled))
        #expect(explain { _, task, _ in task.waiting = 2 }["frames"] == .miscounted(waiting: 2))
    }
}
