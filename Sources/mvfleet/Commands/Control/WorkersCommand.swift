import ArgumentParser
import FleetModel
import Foundation
import Ledger

struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers", abstract: "List the workers, or drain some.",
        discussion: "Examples:\n  mvfleet workers\n  mvfleet workers drain 17\n  mvfleet workers drain --host gpu-3\n  mvfleet workers drain --stage frames",
        subcommands: [WorkersListCommand.self, WorkersDrainCommand.self], defaultSubcommand: WorkersListCommand.self)
}

struct WorkersListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the workers heard of within a minute.",
                                                    discussion: "Example: mvfleet workers list --json")

    @OptionGroup var common: CommonOptions
    @Flag(help: "Also those that ended, or have not been heard of for longer.") var all = false
    @Flag(help: "JSON, one object a worker.") var json = false

    func run() async throws {
        let setup = try await FleetSetup.open(common, role: "workers", connections: 1)
        let rows = try await setup.ledger.workers(seenWithin: all ? nil : .seconds(60)).map(WorkerRow.init)
        if json { return try rows.forEach(Self.printJSON) }
        print(rows.isEmpty ? "No worker has been heard of\(all ? "" : " within a minute")." : WorkerRow.table(rows))
    }
}

struct WorkersDrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain", abstract: "Let workers end what they run, give back the rest, and stop.",
        discussion: """
            They hear of it within two seconds, wherever they run, and end with exit status 0. What restarts them (systemd, Kubernetes) starts new ones.

            Examples:
              mvfleet workers drain 17 18
              mvfleet workers drain --host gpu-3 --wait
              mvfleet workers drain --stage frames
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "Workers by their numbers, as 'mvfleet workers' lists them.") var ids: [Int32] = []
    @Option(help: "Only those on this host.") var host: String?
    @Option(help: "Only those that consume this stage, perhaps among others.") var stage: StageName?
    @Flag(help: "Every worker there is, where nothing else is given.") var all = false
    @Flag(help: "Stay until they have ended.") var wait = false
    @Flag(help: "One JSON object.") var json = false

    private struct Report: Encodable {
        var draining: [Int32]
    }

    func validate() throws {
        if ids.isEmpty, host == nil, stage == nil, !all { throw ValidationError("this would drain every worker: name some by number, --host or --stage, or say --all") }
        if all, !ids.isEmpty || host != nil || stage != nil { throw ValidationError("--all drains every worker, and what else is given only some: give one of them") }
    }

    func run() async throws {
        let ledger = try await FleetSetup.open(common, role: "workers", connections: 1).ledger
        if !ids.isEmpty {
            let alive = Set(try await ledger.workers().filter { !$0.hasEnded }.map(\.id.rawValue))
            let unknown = ids.filter { !alive.contains($0) }
            guard unknown.isEmpty else {
                throw FleetError("worker.unknown", "no worker \(unknown.map(String.init).joined(separator: ", ")) is running: 'mvfleet workers' lists those that are; nothing was drained")
            }
        }
        let drained = try await ledger.requestDrain(WorkerFilter(ids: ids.isEmpty ? nil : ids.map { WorkerID(rawValue: $0) }, host: host, stage: stage))
        if wait { try await waitForEnd(of: Set(drained), ledger) }
        if json { return try Self.printJSON(Report(draining: drained.map(\.rawValue))) }
        guard !drained.isEmpty else { return print("No worker that is running matches.") }
        print("Worker\(drained.count == 1 ? "" : "s") \(drained.map(\.description).joined(separator: ", ")) \(wait ? "ended" : drained.count == 1 ? "drains" : "drain").")
    }

    /// A worker that was killed says no goodbye: one that is not heard of for a minute has ended too.
    private func waitForEnd(of drained: Set<WorkerID>, _ ledger: Ledger) async throws {
        while true {
            let alive = try await ledger.workers(seenWithin: .seconds(60)).filter { drained.contains($0.id) }
            if alive.isEmpty { return }
            // That a worker is gone is told by its row in the ledger alone.
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}
