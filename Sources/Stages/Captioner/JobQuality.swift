import Captioning
import FleetModel
import Ledger

extension Ledger {
    /// How the texts of a job that language models wrote came about: by stage, how many passed at which step, and why others did not.
    public func quality(of job: JobID) async throws -> QualityReport {
        var report = QualityReport()
        try await qualities(of: job) { stage, json in report.add(try CanonicalJSON.decode(CaptionQuality.self, from: json), stage: stage.rawValue) }
        return report
    }
}
