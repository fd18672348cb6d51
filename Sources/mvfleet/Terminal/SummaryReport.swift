import FleetModel
import Ledger
import Stages

/// How a job ended, for people and for scripts.
struct SummaryReport: Encodable {
    struct Failure: Encodable {
        var clip: String
        var stage: String
        var code: String
        var message: String
    }

    var job: String
    var output: String
    var clips: Int
    var described: Int
    var train: Int
    var test: Int
    var filtered: [String: Int]
    var failed: [Failure]
    var unfinished: Int
    var media_seconds: Double
    var seconds: Double?
    /// Seconds of described media per second of work. Nil when results were reused: it would say nothing of the work.
    var media_seconds_per_second: Double?

    init(_ report: Reducer.Report, output: String, job: JobID, elapsed: Duration? = nil, reused: Int = 0) {
        self.job = "\(job)"
        self.output = output
        described = report.described
        train = report.train
        test = report.test
        filtered = report.filtered
        failed = report.failures.map { Failure(clip: $0.clip, stage: $0.stage.rawValue, code: $0.error.code.rawValue, message: $0.error.message) }
        unfinished = report.unfinished
        clips = described + filtered.values.reduce(0, +) + failed.count + unfinished
        media_seconds = (report.mediaSeconds * 10).rounded() / 10
        seconds = elapsed?.seconds
        media_seconds_per_second = elapsed.flatMap { reused == 0 && $0.seconds > 0 ? (report.mediaSeconds / $0.seconds * 10).rounded() / 10 : nil }
    }

    func rendered() -> String {
        var counts = TextTable([("CLIPS", .left), ("", .right)])
        counts.add(["described", described.grouped])
        counts.add(["  train", train.grouped])
        counts.add(["  test", test.grouped])
        for (reason, count) in filtered.sorted(by: { $0.key < $1.key }) { counts.add(["filtered: \(reason)", count.grouped]) }
        var byCode: [String: Int] = [:]
        for failure in failed { byCode[failure.code, default: 0] += 1 }
        for (code, count) in byCode.sorted(by: { $0.key < $1.key }) { counts.add(["failed: \(code)", count.grouped]) }
        if unfinished > 0 { counts.add(["unfinished", unfinished.grouped]) }
        counts.add(["all", clips.grouped])
        var text = counts.rendered() + "\n"
        if !failed.isEmpty {
            let shown = 50
            var table = TextTable([("FAILED CLIP", .left), ("STAGE", .left), ("WHY", .left)])
            for failure in failed.prefix(shown) { table.add([failure.clip, failure.stage, failure.message]) }
            text += "\n" + table.rendered() + "\n"
            text += "These are not tried again unless asked: --retry-failures, or 'mvfleet failures retry'\n"
            if failed.count > shown { text += "… and \((failed.count - shown).grouped) more: mvfleet failures show --job \(job)\n" }
        }
        if let seconds {
            let speed = media_seconds_per_second.map { ": \($0) seconds of media per second" } ?? ", with what was reused"
            text += "\n\(media_seconds) s of media described in \(seconds) s\(speed)\n"
        }
        return text + "\ndataset: \(output) (wds/, hf/, manifest.json)"
    }
}
