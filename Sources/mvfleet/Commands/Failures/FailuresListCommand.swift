import ArgumentParser
import FleetModel
import Foundation
import Ledger

struct FailuresListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Count failures by stage and code.",
        discussion: "Examples:\n  mvfleet failures list --job 12\n  mvfleet failures list --class poison --since 7d\n  mvfleet failures list --discarded --json")

    @OptionGroup var common: CommonOptions
    @OptionGroup var which: FailureOptions
    @Flag(help: "Only those that were put aside.") var discarded = false
    @Flag(help: "JSON, one object a line.") var json = false

    func validate() throws {
        if which.failureClass == .filtered, which.code != nil || discarded {
            throw ValidationError("what was filtered has no code and is not discarded: leave out --code and --discarded")
        }
    }

    private struct Group: Encodable {
        var stage: String
        var code: String
        var `class`: String
        var count: Int
        var example: String
        var latest: Date
    }

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "failures", connections: 2)
        let isFiltered = which.failureClass == .filtered
        let counts = isFiltered ? try await setup.ledger.filteredCounts(which.filter())
            : try await setup.ledger.failureCounts(which.filter(discarded: discarded ? .only : .excluded))
        if json {
            return try counts.forEach {
                try Self.printJSON(Group(stage: $0.stage.rawValue, code: $0.code.rawValue, class: $0.failureClass.rawValue, count: $0.count, example: $0.example, latest: $0.latest))
            }
        }
        guard !counts.isEmpty else { return print(nothing(isFiltered)) }
        var table = TextTable([("STAGE", .left), ("CODE", .left), ("CLASS", .left), ("TASKS", .right), ("LATEST", .left), (isFiltered ? "REASON" : "FOR EXAMPLE", .left)])
        for group in counts {
            table.add([group.stage.rawValue, group.code.rawValue, group.failureClass.rawValue, group.count.grouped, group.latest.shown, group.example])
        }
        print(table.rendered())
        if !discarded, !isFiltered {
            let aside = try await setup.ledger.failureTotal(which.filter(discarded: .only))
            if aside > 0 { print("\n\(aside.grouped) more \(aside == 1 ? "is" : "are") discarded: 'mvfleet failures list --discarded'.") }
        }
    }

    private func nothing(_ isFiltered: Bool) -> String {
        if isFiltered { return "Nothing was filtered." }
        return (discarded ? "Nothing is discarded" : "Nothing has failed") + which.words + "."
    }
}
