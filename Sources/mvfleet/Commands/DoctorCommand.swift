import ArgumentParser
import Fleet
import FleetModel
import Foundation
import Ledger
import Media
import RabbitMQ
import Stages

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Check servers, schema, queues, workers, alarms, disk, clock and children; say what is wrong and what to do.",
        discussion: "Exit status 1 when something is WRONG; a warning is for your information.\n\nExample: mvfleet doctor")

    @OptionGroup var common: CommonOptions
    @Flag(help: "One JSON object a check.") var json = false

    struct Check: Encodable {
        var check: String
        var ok: Bool
        /// Worth knowing, though nothing is wrong.
        var warning: Bool = false
        var finding: String
    }

    func run() async throws {
        var checks: [Check] = []
        func check(_ name: String, _ body: () async throws -> (Bool, String)) async {
            do {
                let (ok, finding) = try await body()
                checks.append(Check(check: name, ok: ok, finding: finding))
            } catch {
                checks.append(Check(check: name, ok: false, finding: ErrorText.describe(error)))
            }
        }
        let configuration = try FleetConfiguration(common)
        let catalogue = try StageCatalogue.standard()
        await check("media children") { try await DoctorCommand.checkChild() }
        checks.append(await DoctorCommand.checkHardware(configuration.hardwareDecoding))
        checks.append(DoctorCommand.checkModelHost(configuration))
        if let check = DoctorCommand.checkModels(configuration) { checks.append(check) }
        await check("disk") { DoctorCommand.checkDisk(configuration.dataDirectory) }
        var opened: FleetSetup?
        await check("configuration") {
            opened = try await FleetSetup.open(common, role: "doctor", connections: 2)
            return (true, configuration.usesPrivateServices ? "private services in \(configuration.dataDirectory)" : "servers from MVFLEET_AMQP_URL and MVFLEET_DATABASE_URL")
        }
        if let setup = opened {
            await check("schema") {
                try await setup.ledger.requireSchema()
                return (true, "version \(Ledger.schemaVersion)")
            }
            await check("ledger") {
                let faults = try await setup.ledger.check()
                return (faults.isEmpty, faults.isEmpty ? "every invariant holds" : faults.joined(separator: "; "))
            }
            await check("connections") { try await DoctorCommand.checkConnections(setup, catalogue) }
            await check("broker") { try await DoctorCommand.checkBroker(setup, catalogue) }
            await check("coordinator") { try await DoctorCommand.checkCoordinator(setup) }
            await check("workers") { try await DoctorCommand.checkWorkers(setup) }
            do {
                let alarms = try await setup.ledger.alarms(thorough: true)
                checks += alarms.map { Check(check: $0.code.rawValue, ok: $0.severity == .warning, warning: true, finding: "\($0.message). \($0.remedy)") }
                if alarms.isEmpty { checks.append(Check(check: "alarms", ok: true, finding: "no held snapshot, unserved stage, overdue lease or task that nothing will free")) }
            } catch {
                checks.append(Check(check: "alarms", ok: false, finding: ErrorText.describe(error)))
            }
        }
        if json {
            try checks.forEach(Self.printJSON)
        } else {
            var table = TextTable([("", .left), ("CHECK", .left), ("FINDING", .left)])
            for check in checks { table.add([check.ok ? check.warning ? "warning" : "ok" : "WRONG", check.check, check.finding]) }
            print(table.rendered())
        }
        if checks.contains(where: { !$0.ok }) { throw ExitCode(1) }
    }

    /// A child starts, confines itself and answers.
    private static func checkChild() async throws -> (Bool, String) {
        let children = ChildProcessPool(.media(size: 1, hardware: .off))
        do {
            _ = try await MediaRequests(children: children).analyze("/dev/null", clip: "doctor")
            return (false, "a child process read /dev/null as audio")
        } catch let error as FleetError where !error.code.rawValue.hasPrefix("child.") {
            return (true, "start, confine themselves and answer")
        }
    }

    private static func checkDisk(_ directory: String) -> (Bool, String) {
        var path = directory
        while !FileManager.default.fileExists(atPath: path), path != "/" { path = (path as NSString).deletingLastPathComponent }
        let free = (try? FileManager.default.attributesOfFileSystem(forPath: path)[.systemFreeSize] as? Int) ?? 0
        let gib = Double(free / (1 << 20)) / 1024
        let rounded = (gib * 10).rounded() / 10
        return (gib >= 2, "\(rounded) GiB free for \(directory)" + (gib >= 2 ? "" : "; make room, or choose another place with --data-dir"))
    }

    /// There is room for one more of each role.
    private static func checkConnections(_ setup: FleetSetup, _ catalogue: StageCatalogue) async throws -> (Bool, String) {
        let use = try await setup.ledger.connectionUse()
        let coordinator = ConnectionBudget.coordinator, worker = ConnectionBudget.worker(stages: catalogue.entries.count), small = ConnectionBudget.worker(stages: 1)
        let needed = coordinator.database + worker.database
        let figures = "\(use.used) of \(use.limit) PostgreSQL connections used, \(use.free) free here; a coordinator needs \(coordinator.database), a worker of N stages 4 + N "
            + "(\(small.database) to \(worker.database)); of RabbitMQ \(coordinator.broker) and \(worker.broker)"
        if use.free >= needed { return (true, figures) }
        return (false, figures + "; \(use.narrowest) leaves less than the \(needed) that one more of each takes: raise it, run fewer workers, or put more stages into each")
    }

    /// What the broker holds is what the stages need.
    private static func checkBroker(_ setup: FleetSetup, _ catalogue: StageCatalogue) async throws -> (Bool, String) {
        let publisher = try await Publisher.open(setup.amqp)
        var missing: [String] = []
        var unserved: [String] = []
        for queue in Topology.fleet(catalogue).queues {
            do {
                let status = try await publisher.status(ofQueue: queue.name)
                if status.ready > 0, status.consumers == 0 { unserved.append("\(queue.name) holds \(status.ready) messages and has no worker") }
            } catch {
                guard error.code == .notFound else { throw error }
                missing.append(queue.name)
            }
        }
        let version = publisher.serverVersion ?? "of unknown version"
        await publisher.close()
        let declared = missing.isEmpty ? "all queues stand" : "\(missing.count) queues are not declared yet; a coordinator or worker declares them"
        return (unserved.isEmpty, (["RabbitMQ \(version)", declared] + unserved).joined(separator: "; "))
    }

    private static func checkCoordinator(_ setup: FleetSetup) async throws -> (Bool, String) {
        // Whether one is needed is a question of the alarms.
        (true, CoordinatorRow(try await setup.ledger.leader()).text)
    }

    private static func checkWorkers(_ setup: FleetSetup) async throws -> (Bool, String) {
        let workers = try await setup.ledger.workers(seenWithin: .seconds(60))
        let idle = workers.filter { !$0.isConsuming && !$0.isDraining }
        let finding = workers.isEmpty ? "none has been heard of within a minute" : "\(workers.count) alive, of version " + Set(workers.map { $0.version ?? "unknown" }).sorted().joined(separator: ", ")
        return (idle.isEmpty, finding + (idle.isEmpty ? "" : "; \(idle.map { "\($0.host) pid \($0.pid)" }.joined(separator: ", ")) do not consume: look at their logs, restart them"))
    }
}
