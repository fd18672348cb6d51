import FleetModel
import Ledger

/// Shows a job's stages as they move, until the job ends.
struct JobProgress {
    let ledger: Ledger
    var interval: Duration = .milliseconds(500)
    /// How long a database that does not answer is waited for.
    private static let patience: Duration = .seconds(300)

    /// How long nothing must have run before a job whose budget is reached is taken for stopped by it.
    private static let rest: Duration = .seconds(3)

    /// How long nothing must have run before it is said what the job waits for, and how often the same is said again.
    private static let silence: Duration = .seconds(10)
    private static let repetition: Duration = .seconds(300)

    /// - Returns: the job as it ended: finished, cancelled, or paused with nothing running; or still running, with its budget reached and nothing left to do without it.
    func watch(_ id: JobID) async throws -> JobStatus {
        var display = ProgressDisplay()
        var lastSeen = ContinuousClock.now, lastBusy = ContinuousClock.now
        var lastRun = ContinuousClock.now, said: (words: String, at: ContinuousClock.Instant)?
        while true {
            let status: JobStatus, delay: JobDelay?
            do {
                status = try await ledger.job(id)
                let isAtRest = !status.stages.contains { $0.running + $0.ready > 0 }
                if try await ledger.budgets(of: [id]).first?.isReached != true || !isAtRest { lastBusy = .now }
                if !isAtRest { lastRun = .now }
                delay = .now - lastRun > JobProgress.silence ? try await ledger.commonestDelay(of: id) : nil
                lastSeen = .now
            } catch let error as FleetError where error.isRetriable && ContinuousClock.now - lastSeen < JobProgress.patience {
                // The database restarts; the job goes on when it is back.
                try await Task.sleep(for: .seconds(1))
                continue
            }
            let lines = JobProgress.lines(status)
            switch status.summary.state {
            case .finished, .cancelled:
                display.finish(lines)
                return status
            case .paused where status.stages.allSatisfy({ $0.running == 0 }):
                display.finish(lines)
                return status
            case .running where ContinuousClock.now - lastBusy > JobProgress.rest:
                display.finish(lines)
                return status
            case .planning, .running, .paused:
                display.show(lines)
            }
            if let delay {
                // The same but for its figures is no news.
                let words = delay.reason.filter { !$0.isNumber }
                if said?.words != words || .now - (said?.at ?? .now) > JobProgress.repetition {
                    said = (words, .now)
                    display.sayAbove("waiting: \(delay.tasks.grouped) tasks of '\(delay.stage)': \(delay.reason)")
                }
            }
            // The ledger tells nobody of every step: it is looked at as often as people look.
            try await Task.sleep(for: interval)
        }
    }

    static func lines(_ status: JobStatus) -> [ProgressDisplay.Line] {
        status.stages.map { stage in
            let ended = stage.done + stage.reused + stage.filtered + stage.dead + stage.discarded
            let notes: [(Int, String)] = [(stage.running, "running"), (stage.reused, "reused"), (stage.filtered, "filtered"), (stage.delayed, "delayed"), (stage.dead, "failed"), (stage.discarded, "discarded"), (stage.blocked, "blocked")]
            return ProgressDisplay.Line(label: stage.stage.rawValue, done: ended + stage.blocked, total: stage.total,
                                        note: notes.filter { $0.0 > 0 }.map { "\($0.0.grouped) \($0.1)" }.joined(separator: ", "))
        }
    }
}
