import ArgumentParser
import Ledger

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the database's schema to this program's version.",
        discussion: "Forward only, checked by checksum, safe when two run at once. Workers refuse a schema that does not fit.\n\nExample: mvfleet migrate")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "migrate", connections: 2)
        let report = try await setup.ledger.migrate()
        print(report.applied.isEmpty ? "The schema is at version \(report.version); nothing to do."
            : "Applied \(report.applied.map(String.init).joined(separator: ", ")); the schema is at version \(report.version).")
    }
}
