import Captioning
import DatasetFormat
import Foundation
import Fleet
import FleetModel
import Ledger

/// The `shard` stage: assembles a job's results into a dataset. It runs once per job, after the others, in whatever process exports. A job without descriptions gives
/// `predictions.jsonl` instead (see ``PredictionExport``).
///
/// Same results in, same bytes out, whatever the number of workers and the order of their work.
public struct Reducer: Sendable {
    public struct Options: Sendable {
        /// Clips in the test split; nil takes the paper's share (1,446 of 56,446).
        public var testSize: Int?
        /// Exports what there is of a job that has not ended.
        public var allowsUnfinished: Bool

        public init(testSize: Int? = nil, allowsUnfinished: Bool = false) {
            self.testSize = testSize
            self.allowsUnfinished = allowsUnfinished
        }
    }

    /// What became of a job's clips, and what was written.
    public struct Report: Sendable {
        public var described = 0
        /// Clips with a prediction, or with an embedding in a job of no predictions; nil in a job of neither.
        public var predicted: Int?
        /// Clips without a prediction, in order of their ids.
        public var predictionFailures: [ClipFailure] = []
        public var train = 0
        public var test = 0
        /// Reason → clips.
        public var filtered: [String: Int] = [:]
        /// Clips without a description, in order of their ids.
        public var failures: [ClipFailure] = []
        public var unfinished = 0
        public var mediaSeconds = 0.0
        /// False for a job without descriptions, which gives `predictions.jsonl`.
        public var isOfDescriptions = true
    }

    public struct ClipFailure: Sendable {
        public var clip: String
        public var stage: StageName
        public var error: FleetError
    }

    private static let page = 200

    private let ledger: Ledger

    public init(ledger: Ledger) {
        self.ledger = ledger
    }

    /// - Parameter progress: clips written so far, and how many there will be.
    public func export(_ job: JobID, to directory: String, options: Options = Options(), progress: @Sendable (Int, Int) -> Void = { _, _ in }) async throws -> Report {
        let status = try await ledger.job(job)
        guard options.allowsUnfinished || status.summary.state == .finished else {
            throw FleetError("job.unfinished", "job \(job) is \(status.summary.state.name): wait for its end ('mvfleet job \(job) watch'), or export what there is with --partial")
        }
        let graph = try JobRecipes.read(status.options).graph()
        var report = Report()
        if !graph.stages.contains(where: { $0.name == "description" }), let subject = PredictionExport.subject(of: graph) {
            let clips = try await survey(job, subject, into: &report)
            (report.predicted, report.described, report.isOfDescriptions) = (report.described, 0, false)
            try await PredictionExport(ledger: ledger, graph: graph).write(job, subject, to: directory, total: clips.count, progress: progress)
            return report
        }
        let survivors = try await survey(job, "description", into: &report)
        try await surveyPredictions(job, graph, into: &report)
        let split = try await pinnedSplit(job, survivors, testSize: options.testSize)
        report.train = split.assignments.count { $0.side == .train }
        report.test = split.assignments.count { $0.side == .test }

        let plan = DatasetPlan(title: (status.summary.collection as NSString).lastPathComponent, split: split.proof,
                               recipes: graph.stages.map { DatasetRecipe(stage: $0.name.rawValue, version: $0.recipe.version, digest: $0.recipe.digest.hex, settings: $0.recipe.settings) },
                               endings: Reducer.endings(report), extras: DatasetExtras(graph))
        let writer = try DatasetWriter(directory: directory, plan: plan)
        do {
            try await write(job, graph, split, survivors.filter { $0.isDescribed }, writer, &report, progress)
            _ = try writer.finish()
        } catch {
            writer.abandon()
            throw error
        }
        return report
    }

    private struct Survivor {
        var clip: String
        var group: String
        var isDescribed: Bool
    }

    /// One pass without outputs: who has a description, and why the others have none.
    private func survey(_ job: JobID, _ subject: StageName, into report: inout Report) async throws -> [Survivor] {
        var clips: [Survivor] = []
        var after: String?
        while true {
            let page = try await ledger.results(of: job, stages: [], after: after, limit: 2000)
            guard let last = page.last else { return clips }
            after = last.key
            for result in page {
                var isDescribed = false
                switch result.stages[subject] {
                case .done:
                    isDescribed = true
                    report.described += 1
                case .filtered(let reason, _): report.filtered[reason, default: 0] += 1
                case .dead(let error): report.failures.append(ClipFailure(clip: result.key, stage: subject, error: error))
                case .blocked(let stage, let error): report.failures.append(ClipFailure(clip: result.key, stage: stage, error: error))
                case .open: report.unfinished += 1
                case nil:
                    throw FleetError("job.no_description", "job \(job) did not run the stage 'description': there is nothing to put into a dataset")
                }
                clips.append(Survivor(clip: result.key, group: result.clip.artistGroup, isDescribed: isDescribed))
            }
        }
    }

    /// Who of those has a prediction beside the description, and why the others have none.
    private func surveyPredictions(_ job: JobID, _ graph: StageGraph, into report: inout Report) async throws {
        guard let subject = PredictionExport.subject(of: graph) else { return }
        var predictions = Report()
        _ = try await survey(job, subject, into: &predictions)
        report.predicted = predictions.described
        report.predictionFailures = predictions.failures
    }

    /// The split is decided once per job: a clip that dies or revives later moves no other clip.
    private func pinnedSplit(_ job: JobID, _ clips: [Survivor], testSize: Int?) async throws -> Split {
        let members = clips.filter(\.isDescribed).map { SplitMember(key: $0.clip, group: $0.group) }
        let groups = Dictionary(clips.map { ($0.clip, $0.group) }, uniquingKeysWith: { first, _ in first })
        func assignments(_ pins: [String: String]?) -> [SplitAssignment] {
            (pins ?? [:]).sorted { $0.key < $1.key }.compactMap { key, side in
                SplitSide(rawValue: side).flatMap { side in groups[key].map { SplitAssignment(key: key, group: $0, side: side) } }
            }
        }
        let split = try Split(members: members, testSize: testSize, pinned: assignments(try await ledger.split(of: job)))
        let pins = try await ledger.pinSplit(job, Dictionary(uniqueKeysWithValues: split.pins.map { ($0.key, $0.side.rawValue) }))
        // Another export may have pinned first: its split is the one.
        return try Split(members: members, testSize: testSize, pinned: assignments(pins))
    }

    /// Clips come from the ledger in order of their ids, and go out in order of their sample keys; what is early waits.
    private func write(_ job: JobID, _ graph: StageGraph, _ split: Split, _ clips: [Survivor], _ writer: DatasetWriter, _ report: inout Report,
                       _ progress: @Sendable (Int, Int) -> Void) async throws {
        let order = clips.map { SampleKey(clipID: $0.clip) }.sorted()
        var next = 0
        var early: [SampleKey: DatasetRecord] = [:]
        var after: String?
        while next < order.count {
            let page = try await ledger.results(of: job, after: after, limit: Reducer.page)
            guard let last = page.last else {
                throw FleetError("job.changed", "job \(job) changed while it was exported: export it again", isRetriable: true)
            }
            after = last.key
            for result in page {
                guard case .done = result.stages["description"], let side = split.side(of: result.key) else { continue }
                let record = try DatasetRecord(result, split: side, graph: graph)
                report.mediaSeconds += record.durationSeconds
                early[record.key] = record
            }
            while next < order.count, let record = early.removeValue(forKey: order[next]) {
                try writer.append(record)
                next += 1
            }
            progress(next, order.count)
        }
    }

    private static func endings(_ report: Report) -> [DatasetEnding] {
        var failed: [String: Int] = [:]
        for failure in report.failures { failed[failure.error.code.rawValue, default: 0] += 1 }
        return report.filtered.sorted { $0.key < $1.key }.map { DatasetEnding(kind: .filtered, reason: $0.key, clips: $0.value) }
            + failed.sorted { $0.key < $1.key }.map { DatasetEnding(kind: .failed, reason: $0.key, clips: $0.value) }
            + (report.unfinished > 0 ? [DatasetEnding(kind: .unfinished, reason: "job.unfinished", clips: report.unfinished)] : [])
    }
}
