import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Media
import MusicLanguageModel
import Stages
import TensorKernels

struct ModelVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Compare each stage of the model, from samples to tokens, with reference tensors that lie in DIR/ref.",
        discussion: """
            The reference is laid out as `ref/ref.safetensors` and `ref/ref.json`, its recordings in `audio/`. Tolerances are those of single precision: with --weights bf16, int8 or int4
            the table shows what rounding does, and decides nothing. Exit status 1 where a stage is outside its tolerance, or could not be compared.

            Examples:
              mvfleet model verify ~/models/tiny
              mvfleet model verify ~/models/tiny --weights int8
            """)

    @Argument(help: "The directory.") var directory: String
    @Option(help: ArgumentHelp("How weights are kept in memory.", valueName: WeightFormat.allCases.map(\.rawValue).joined(separator: "|"))) var weights = WeightFormat.float32
    @Flag(help: "Only what is outside its tolerance.") var failures = false
    @Flag(help: "One JSON object.") var json = false

    private struct Report: Encodable {
        var path: String
        var weights: String
        var passed: Bool
        /// Whether tolerances decide: those of single precision do.
        var decides: Bool
        var stages: [StageParity]
    }

    func run() async throws {
        let path = URL(fileURLWithPath: directory).standardizedFileURL.path, weights = weights
        let verification: ModelVerification
        do { verification = try ModelVerification(try ModelDirectory(path: path)) } catch { throw FleetError(error) }
        let stages = verification.stages(recordings: try await decoded(verification.recordings), format: weights)
        let report = Report(path: path, weights: weights.rawValue, passed: stages.allSatisfy(\.passed) && !stages.isEmpty, decides: weights == .float32, stages: stages)
        if json { try Self.printJSON(report) } else { print(rendered(report)) }
        if report.decides, !report.passed { throw ExitCode(1) }
    }

    /// Decoded in a child, as all media; a recording that is not there is a stage that failed.
    private func decoded(_ recordings: [(name: String, path: String?)]) async throws -> [AudioVerification.Recording] {
        let children = ChildProcessPool(.media(size: 1, hardware: .off))
        let result: Result<[AudioVerification.Recording], any Error>
        do {
            var decoded: [AudioVerification.Recording] = []
            for (name, path) in recordings {
                guard let path else { continue }
                let (channels, rate) = try await MediaRequests(children: children).samples(path)
                decoded.append(AudioVerification.Recording(name: name, channels: channels, sampleRate: rate))
            }
            result = .success(decoded)
        } catch { result = .failure(error) }
        await children.endIdleChildren()
        return try result.get()
    }

    private func rendered(_ report: Report) -> String {
        var table = TextTable([("", .left), ("STAGE", .left), ("DIFFERENCE", .right), ("OF MAX", .right), ("ALLOWED", .left), ("", .left)])
        for stage in report.stages where !failures || !stage.passed {
            let difference = stage.greatestDifference.map(Self.short) ?? "–"
            let share = stage.referenceMaximum.flatMap { maximum in stage.greatestDifference.map { maximum > 0 ? Self.short($0 / maximum) : "–" } } ?? ""
            table.add([stage.passed ? "ok" : "OUTSIDE", stage.stage, difference, share, stage.tolerance.description, stage.remark ?? ""])
        }
        let outside = report.stages.count { !$0.passed }
        let verdict = report.stages.isEmpty ? "nothing could be compared" : outside == 0 ? "all \(report.stages.count) stages are as the reference" : "\(outside) of \(report.stages.count) stages are outside their tolerance"
        return table.rendered() + "\n\(verdict)" + (report.decides ? "" : "; the tolerances are for f32, and say here what \(report.weights) does")
    }

    /// Three digits.
    private static func short(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e6 { return "\(Int(value))" }
        return String(format: "%.2e", value)
    }
}
