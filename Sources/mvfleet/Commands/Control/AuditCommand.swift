import ArgumentParser
import Foundation
import Ledger

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show who paused, resumed, limited, drained, retried and discarded what, newest first.",
        discussion: "Examples:\n  mvfleet audit\n  mvfleet audit --since 24h --json")

    @OptionGroup var common: CommonOptions
    @Option(help: ArgumentHelp("Only from this time on: \(PointInTime.forms).", valueName: "time")) var since: PointInTime?
    @Option(help: "At most so many.") var limit = 100
    @Flag(help: "JSON, one object a line.") var json = false

    func validate() throws {
        if !(1...100_000).contains(limit) { throw ValidationError("--limit is \(limit): give 1 to 100,000") }
    }

    private struct Row: Encodable {
        var id: Int64
        var at: Date
        var who: String
        var action: String
        var filter: String
        var count: Int
    }

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "audit", connections: 1)
        let rows = try await setup.ledger.auditTrail(since: since?.date, limit: limit).map {
            Row(id: $0.id, at: $0.at, who: $0.who, action: $0.action, filter: $0.filter, count: $0.count)
        }
        if json { return try rows.forEach(Self.printJSON) }
        guard !rows.isEmpty else { return print("Nothing was changed\(since.map { " since \($0.date.shown)" } ?? "").") }
        var table = TextTable([("AT", .left), ("WHO", .left), ("ACTION", .left), ("COUNT", .right), ("WHAT", .left)])
        for row in rows { table.add([row.at.shown, row.who, row.action, row.count.grouped, row.filter]) }
        print(table.rendered())
    }
}
