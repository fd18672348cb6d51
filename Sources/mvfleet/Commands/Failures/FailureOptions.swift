import ArgumentParser
import FleetModel
import Ledger

/// Which failures are meant; all that is given must hold.
struct FailureOptions: ParsableArguments {
    @Option(help: "Only this stage.") var stage: StageName?
    @Option(help: "Only this error code, such as video.no_stream.") var code: String?
    @Option(name: .customLong("class"), help: "retryable (its attempts are used up), permanent, or poison (killed its workers or ran past its limits again and again).")
    var failureClass: FailureClass?
    @Option(help: "Only tasks of this job.") var job: JobID?
    @Option(help: ArgumentHelp("Only what failed for good at this time or later: \(PointInTime.forms).", valueName: "time")) var since: PointInTime?
    @Option(help: ArgumentHelp("Only what failed for good before this time.", valueName: "time")) var until: PointInTime?

    func validate() throws {
        if let since, let until, since.date >= until.date { throw ValidationError("--since is not before --until: nothing can lie between them") }
    }

    func filter(discarded: FailureFilter.Discarded = .excluded) -> FailureFilter {
        FailureFilter(stage: stage, code: code.map(FleetError.Code.init(rawValue:)), failureClass: failureClass, job: job, since: since?.date, until: until?.date,
                      discarded: discarded)
    }

    /// As a sentence goes on: " of stage frames with code video.no_stream".
    var words: String {
        var words: [String] = []
        if let stage { words.append("of stage \(stage)") }
        if let code { words.append("with code \(TextTable.printable(code))") }
        if let failureClass { words.append("of class \(failureClass)") }
        if let job { words.append("in job \(job)") }
        if let since { words.append("since \(since.date.shown)") }
        if let until { words.append("before \(until.date.shown)") }
        return words.map { " " + $0 }.joined()
    }
}

extension FailureClass: ExpressibleByArgument {}
