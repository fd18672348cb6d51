import FleetModel
import Foundation
import Ledger
import MusicLanguageModel

/// Writes `predictions.jsonl`: what a job without descriptions has made of each clip, a line of canonical JSON each, in order of the clips' names.
///
/// Same results in, same bytes out. The file is written beside its place and put there when it is whole.
struct PredictionExport {
    static let fileName = "predictions.jsonl"
    private static let page = 200

    /// One clip's line.
    private struct Line: Encodable {
        var clip: String
        /// `done`, `cut` (the answer reached its longest length), `filtered`, `failed` or `unfinished`.
        var status: String
        /// Why there is nothing.
        var reason: String?
        var code: String?
        /// The result's name.
        var fingerprint: String
        var prediction: Prediction?
        var embedding: Vector?
    }

    private struct Vector: Encodable {
        var pooled: [Float]
        var vectors: [[Float]]
        var clips: [MusicEmbedding.Clip]
        var checkpoint: Digest

        init(_ embedding: MusicEmbedding) {
            (pooled, vectors) = (embedding.pooled.values, embedding.vectors.map(\.values))
            (clips, checkpoint) = (embedding.clips, embedding.checkpoint)
        }
    }

    let ledger: Ledger
    let graph: StageGraph

    /// The stage whose result a job of these stages is about; nil for a job of neither.
    static func subject(of graph: StageGraph) -> StageName? {
        (["prediction", "embedding"] as [StageName]).first { name in graph.stages.contains { $0.name == name } }
    }

    /// - Parameter subject: a stage of the job.
    func write(_ job: JobID, _ subject: StageName, to directory: String, total: Int, progress: @Sendable (Int, Int) -> Void) async throws {
        let place = URL(fileURLWithPath: directory).appendingPathComponent(Self.fileName)
        let staging = place.deletingLastPathComponent().appendingPathComponent(".\(Self.fileName).\(ProcessInfo.processInfo.processIdentifier)")
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try Data().write(to: staging)
            let handle = try FileHandle(forWritingTo: staging)
            defer { try? handle.close() }
            var after: String?, written = 0
            while true {
                let page = try await ledger.results(of: job, stages: ["prediction", "embedding"], after: after, limit: Self.page)
                guard let last = page.last else { break }
                after = last.key
                var lines = Data()
                for result in page { lines += try CanonicalJSON.encode(line(result, subject)).utf8 + [10] }
                try handle.write(contentsOf: lines)
                written += page.count
                progress(written, total)
            }
            try handle.synchronize()
            guard rename(staging.path, place.path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        } catch let error as CocoaError {
            try? FileManager.default.removeItem(at: staging)
            throw FleetError("output.not_writable", "\(place.path) cannot be written: check permissions and free space", cause: error, isRetriable: true)
        } catch {
            try? FileManager.default.removeItem(at: staging)
            throw error
        }
    }

    private func line(_ result: ClipResults, _ subject: StageName) throws -> Line {
        let fingerprint = graph.fingerprints(of: result.clip).first { $0.stage.name == subject }?.fingerprint.description ?? ""
        var line = Line(clip: result.key, status: "done", fingerprint: fingerprint)
        if case .done(let text, _) = result.stages["embedding"] { line.embedding = Vector(try CanonicalJSON.decode(MusicEmbedding.self, from: text)) }
        switch result.stages[subject] {
        case .done(let text, _):
            if subject == "prediction" {
                let prediction = try CanonicalJSON.decode(Prediction.self, from: text)
                line.prediction = prediction
                if prediction.finish == .length { line.status = "cut" }
            }
        case .filtered(let reason, _): (line.status, line.reason) = ("filtered", reason)
        case .dead(let error), .blocked(_, let error): (line.status, line.reason, line.code) = ("failed", error.message, error.code.rawValue)
        case .open: line.status = "unfinished"
        case nil: throw FleetError("job.changed", "job has no stage '\(subject)' for clip '\(result.key)': export it again", isRetriable: true)
        }
        return line
    }
}
