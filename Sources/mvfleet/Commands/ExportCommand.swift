import ArgumentParser
import FleetModel
import Foundation
import Ledger
import Stages

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a finished job's results as a dataset: WebDataset, Parquet, cards, manifest.",
        discussion: "The same results give the same bytes. An earlier export in the same directory is replaced.\n\nExample: mvfleet export --job 12 --output dataset --test-size 1446")

    @OptionGroup var common: CommonOptions
    @Option(help: "The job's number.") var job: JobID
    @Option(name: .shortAndLong, help: ArgumentHelp("Where the dataset goes.", valueName: "dir")) var output: String
    @Option(help: "Clips in the test split. Default: the paper's share, 1,446 of 56,446.") var testSize: Int?
    @Flag(help: "Export what there is of a job that has not ended.") var partial = false
    @Flag(help: "One JSON object.") var json = false

    func validate() throws {
        if let testSize, testSize < 0 { throw ValidationError("--test-size is \(testSize): give 0 or more") }
    }

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "export", connections: 2)
        let report = try await Reducing.export(job, setup.ledger, to: output, .init(testSize: testSize, allowsUnfinished: partial))
        if json { return try Self.printJSON(SummaryReport(report, output: output, job: job)) }
        print(SummaryReport(report, output: output, job: job).rendered())
    }
}

/// The reducer with a bar.
enum Reducing {
    static func export(_ job: JobID, _ ledger: Ledger, to output: String, _ options: Reducer.Options) async throws -> Reducer.Report {
        let (stream, continuation) = AsyncStream.makeStream(of: ProgressDisplay.Line.self, bufferingPolicy: .bufferingNewest(1))
        let display = Task {
            var display = ProgressDisplay()
            var last: [ProgressDisplay.Line] = []
            for await line in stream {
                last = [line]
                display.show(last)
            }
            if !last.isEmpty { display.finish(last) }
        }
        let result: Result<Reducer.Report, any Error>
        do {
            result = .success(try await Reducer(ledger: ledger).export(job, to: output, options: options) { done, total in
                continuation.yield(ProgressDisplay.Line(label: "shard", done: done, total: total, note: ""))
            })
        } catch {
            result = .failure(error)
        }
        continuation.finish()
        await display.value
        return try result.get()
    }
}
