import ArgumentParser
import FleetModel
import Ledger

struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Read a catalogue into the ledger. Again, it reports what was added, changed or is gone.",
        discussion: """
            A catalogue is a Music4All directory, a JSONL or CSV manifest, or a folder of media. Each file is read once for its SHA-256, unless the
            manifest declares it. Media that are not there are reported per clip.

            Example: mvfleet ingest /data/music4all --name music4all
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "The catalogue.") var catalogue: String
    @Option(help: "The name that jobs call it by.") var name: String
    @Flag(help: "One JSON object.") var json = false
    @Flag(help: "Exit with status 1 when any row could not be used.") var strict = false

    func run() async throws {
        let reader = try CatalogueIngest.open(catalogue)
        let setup = try await FleetSetup.open(common, role: "ingest", connections: 2)
        try await setup.ledger.requireSchema()
        let report = try await CatalogueIngest.ingest(reader, into: name, setup)
        if json { try Self.printJSON(report) } else { print(report.rendered(name)) }
        if strict, report.problem_count > 0 { throw ExitCode(1) }
    }
}
