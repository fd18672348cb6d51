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

        init(_ failure: Reducer.ClipFailure) {
            (clip, stage, code, message) = (failure.clip, failure.stage.rawValue, failure.error.code.rawValue, failure.error.message)
        }
    }

    /// False for a job that ends with `predictions.jsonl`.
    private var isOfDescriptions: Bool

    var job: String
    var output: String
    var clips: Int
    var described: Int
    /// Clips with a prediction by the paper's model, or with an embedding where there are no predictions; left out of jobs with neither.
    var predicted: Int?
    var prediction_failed: [Failure]?
    var train: Int
    var test: Int
    var filtered: [String: Int]
    var failed: [Failure]
    var unfinished: Int
    var media_seconds: Double
    var seconds: Double?
    /// Seconds of described media per second of work. Nil when results were reused: it would say nothing of the work.
    var media_seconds_per_second: Double?

    private enum CodingKeys: String, CodingKey {
        case job, output, clips, described, predicted, prediction_failed, train, test, filtered, failed, unfinished, media_seconds, seconds, media_seconds_per_second
    }

    init(_ report: Reducer.Report, output: String, job: JobID, elapsed: Duration? = nil, reused: Int = 0) {
        self.job = "\(job)"
        self.output = output
        described = report.described
        train = report.train
        test = report.test
        filtered = report.filtered
        failed = report.failures.map(Failure.init)
        unfinished = report.unfinished
        predicted = report.predicted
        prediction_failed = report.predictionFailures.isEmpty ? nil : report.predictionFailures.map(Failure.init)
        isOfDescriptions = report.isOfDescriptions
        clips = (isOfDescriptions ? described : predicted ?? 0) + filtered.values.reduce(0, +) + failed.count + unfinished
        media_seconds = (report.mediaSeconds * 10).rounded() / 10
        seconds = elapsed?.seconds
        media_seconds_per_second = elapsed.flatMap { reused == 0 && $0.seconds > 0 ? (report.mediaSeconds / $0.seconds * 10).rounded() / 10 : nil }
    }

    func rendered() -> String {
        var counts = TextTable([("CLIPS", .left), ("", .right)])
        if isOfDescriptions {
            counts.add(["described", described.grouped])
            counts.add(["  train", train.grouped])
            counts.add(["  test", test.grouped])
        }
        if let predicted { counts.add(["predicted", predicted.grouped]) }
        for (code, count) in SummaryReport.byCode(prediction_failed ?? []) { counts.add(["  no prediction: \(code)", count.grouped]) }
        for (reason, count) in filtered.sorted(by: { $0.key < $1.key }) { counts.add(["filtered: \(reason)", count.grouped]) }
        for (code, count) in SummaryReport.byCode(failed) { counts.add(["failed: \(code)", count.grouped]) }
        if unfinished > 0 { counts.add(["unfinished", unfinished.grouped]) }
        counts.add(["all", clips.grouped])
        var text = counts.rendered() + "\n"
        // One that failed for the same reason is listed once.
        let known = Set(failed.map { $0.clip + $0.code })
        let failed = failed + (prediction_failed ?? []).filter { !known.contains($0.clip + $0.code) }
        if !failed.isEmpty {
            let shown = 50
            var table = TextTable([("FAILED CLIP", .left), ("STAGE", .left), ("WHY", .left)])
            for failure in failed.prefix(shown) { table.add([failure.clip, failure.stage, failure.message]) }
            text += "\n" + table.rendered() + "\n"
            text += "These are not tried again unless asked: --retry-failures, or 'mvfleet failures retry'\n"
            if failed.count > shown { text += "… and \((failed.count - shown).grouped) more: mvfleet failures show --job \(job)\n" }
        }
        if !isOfDescriptions { return text + "\npredictions: \(output)/predictions.jsonl" }
        if let seconds {
            let speed = media_seconds_per_second.map { ": \($0) seconds of media per second" } ?? ", with what was reused"
            text += "\n\(media_seconds) s of media described in \(seconds) s\(speed)\n"
        }
        return text + "\ndataset: \(output) (wds/, hf/, manifest.json)"
    }

    private static func byCode(_ failures: [Failure]) -> [(String, Int)] {
        Dictionary(failures.map { ($0.code, 1) }, uniquingKeysWith: +).sorted { $0.key < $1.key }
    }
}
