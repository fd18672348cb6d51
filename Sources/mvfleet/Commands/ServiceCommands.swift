import ArgumentParser
import FleetModel
import Foundation
import Ledger
import LocalServices

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Start this machine's private RabbitMQ and PostgreSQL, or adopt those that run.",
        discussion: "They go on running when this command ends; 'mvfleet down' stops them. Data are kept.\n\nExample: mvfleet up --data-dir /srv/mvfleet")

    @OptionGroup var common: CommonOptions
    @Flag(help: "Print 'export MVFLEET_…_URL=…' lines for eval. They hold passwords.") var printEnvironment = false

    func run() async throws {
        let configuration = try FleetConfiguration(common)
        let services = LocalServices.make(configuration, logger: configuration.logger("mvfleet.up"))
        let endpoints = try await services.up { progress in
            FileHandle.standardError.write(Data("\(progress.line)\n".utf8))
        }
        if printEnvironment {
            print("export MVFLEET_AMQP_URL='\(endpoints.amqpURL)'")
            print("export MVFLEET_DATABASE_URL='\(endpoints.databaseURL)'")
        } else {
            print(ServiceTable.render(await services.status()))
        }
    }
}

struct DownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "down", abstract: "Stop this machine's private servers. Data are kept.",
                                                    discussion: "Example: mvfleet down --data-dir /srv/mvfleet")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let configuration = try FleetConfiguration(common)
        try await LocalServices.make(configuration, logger: configuration.logger("mvfleet.down")).down { progress in
            FileHandle.standardError.write(Data("\(progress.line)\n".utf8))
        }
    }
}

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "Show private servers, coordinator, workers and alarms.",
                                                    discussion: "Example: mvfleet status --json")

    @OptionGroup var common: CommonOptions
    @Flag(help: "One JSON object.") var json = false

    private struct Report: Encodable {
        var services: ServicesStatus?
        var coordinator: CoordinatorRow?
        var workers: [WorkerRow]?
        var alarms: [AlarmRow]?
        var problem: String?
    }

    func run() async throws {
        let configuration = try FleetConfiguration(common)
        var report = Report()
        if configuration.usesPrivateServices {
            report.services = await LocalServices.make(configuration, logger: configuration.logger("mvfleet.status")).status()
        }
        if report.services?.isRunning ?? true {
            do {
                let setup = try await FleetSetup.open(common, role: "status", connections: 1)
                report.coordinator = CoordinatorRow(try await setup.ledger.leader())
                report.alarms = try await setup.ledger.alarms().map(AlarmRow.init)
                report.workers = try await setup.ledger.workers(seenWithin: .seconds(60)).map(WorkerRow.init)
            } catch {
                report.problem = ErrorText.describe(error)
            }
        }
        if json { return try Self.printJSON(report) }
        if let services = report.services { print(ServiceTable.render(services)) }
        if let coordinator = report.coordinator { print("\nCoordinator: \(coordinator.text).") }
        if let workers = report.workers {
            print(workers.isEmpty ? "\nNo worker has been heard of within a minute." : "\n" + WorkerRow.table(workers))
        }
        if let alarms = report.alarms, !alarms.isEmpty { print("\n" + AlarmRow.render(alarms)) }
        if let problem = report.problem { print("\n" + problem) }
    }
}

enum ServiceTable {
    static func render(_ status: ServicesStatus) -> String {
        var table = TextTable([("SERVICE", .left), ("STATE", .left), ("PID", .right), ("ADDRESS", .left), ("VERSION", .left), ("DISK MiB", .right), ("LOG", .left)])
        for service in status.services {
            table.add([service.name.rawValue, service.state.rawValue + (service.detail.map { " (\($0))" } ?? ""), service.pid.map(String.init) ?? "-",
                       service.address ?? "-", service.version ?? "-", (Int(service.diskBytes) >> 20).grouped, service.logPath])
        }
        return "data directory \(status.directory)\n" + table.rendered()
    }
}
