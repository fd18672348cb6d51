import Foundation
import Glibc
import LocalServices
import PostgreSQL
import RabbitMQ

/// A private RabbitMQ and PostgreSQL that may be killed, starved and wiped.
struct FaultServers: Sendable {
    let directory: String
    let services: LocalServices

    init(directory: String) {
        self.directory = directory
        services = LocalServices(directory: directory, probes: Self.probes, logger: FaultFleet.quiet)
    }

    private static let probes = LoginProbes(
        amqp: { url in await (try ConsumerConnection.open(try RabbitMQ.ConnectionConfiguration(url: url))).close() },
        database: { url in await (try Connection.open(try PostgreSQL.ConnectionConfiguration(url, applicationName: "fault probe"))).close() })

    /// Starts what does not run.
    @discardableResult
    func up() async throws -> ServiceEndpoints { try await services.up() }

    /// Ends both and removes all that they had.
    func remove() async throws {
        let state = await services.status().stateDirectory
        try await services.down()
        try FileManager.default.removeItem(atPath: directory)
        if state.hasPrefix("/var/lib/mvfleet-services/") { try FileManager.default.removeItem(atPath: state) }
    }

    // MARK: Blows

    func pid(of service: ServiceName) async throws -> pid_t {
        guard let pid = await services.status().services.first(where: { $0.name == service })?.pid else { throw Trouble(description: "\(service.title) does not run") }
        return pid
    }

    func kill(_ service: ServiceName, _ signal: Int32 = SIGKILL) async throws {
        let pid = try await pid(of: service)
        Glibc.kill(pid, signal)
        try await eventually("\(service.title) has ended") { Glibc.kill(pid, 0) != 0 || Self.isZombie(pid) }
    }

    private static func isZombie(_ pid: pid_t) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8), let name = stat.lastIndex(of: ")") else { return true }
        return stat[name...].split(separator: " ").dropFirst().first == "Z"
    }

    /// The broker is gone with everything that it held, and an empty one comes in its place.
    func wipeBroker() async throws {
        try await kill(.rabbitmq)
        let data = try await home(of: .rabbitmq) + "/mnesia"
        for name in try FileManager.default.contentsOfDirectory(atPath: data) { try FileManager.default.removeItem(atPath: "\(data)/\(name)") }
        try await up()
    }

    // MARK: Their administrators

    /// One statement, as the owner of the cluster.
    func administer(_ sql: String, database: String = "postgres") async throws {
        let connection = try await administrator(database)
        do {
            try await connection.script(sql)
        } catch {
            await connection.close()
            throw error
        }
        await connection.close()
    }

    func administrator(_ database: String = "postgres") async throws -> Connection {
        struct Record: Decodable { var administratorPassword: String }
        let home = try await home(of: .postgresql)
        let record = try JSONDecoder().decode(Record.self, from: try Data(contentsOf: URL(fileURLWithPath: home + ".json")))
        guard let endpoints = try services.endpoints(), let query = endpoints.databaseURL.split(separator: "?").last else { throw Trouble(description: "no servers in \(directory)") }
        return try await Connection.open(try ConnectionConfiguration("postgresql://mvfleet_admin:\(record.administratorPassword)@/\(database)?\(query)", applicationName: "fault administrator"))
    }

    /// `rabbitmqctl` on this node, as the node's own user.
    @discardableResult
    func rabbitmqctl(_ arguments: [String]) async throws -> String {
        struct Record: Decodable {
            struct Ports: Decodable { var nameService: UInt16 }
            var nodeName: String
            var ports: Ports
        }
        let home = try await home(of: .rabbitmq)
        let record = try JSONDecoder().decode(Record.self, from: try Data(contentsOf: URL(fileURLWithPath: home + ".json")))
        var owner = stat()
        guard stat(home + "/home", &owner) == 0 else { throw Trouble(description: "\(home)/home is missing") }
        let asOwner = geteuid() == 0 ? ["/usr/bin/setpriv", "--reuid=\(owner.st_uid)", "--regid=\(owner.st_gid)", "--clear-groups", "--"] : []
        return try await Tool.run(asOwner + ["/usr/lib/rabbitmq/bin/rabbitmqctl", "-q"] + arguments, environment: [
            "PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": home + "/home", "LC_ALL": "C.UTF-8", "RABBITMQ_NODENAME": record.nodeName,
            "RABBITMQ_CONF_ENV_FILE": "/dev/null", "ERL_EPMD_PORT": "\(record.ports.nameService)",
        ])
    }

    func databaseDirectory() async throws -> String { try await home(of: .postgresql) + "/data" }

    private func home(of service: ServiceName) async throws -> String { await services.status().stateDirectory + "/" + service.rawValue }

    struct Trouble: Error, CustomStringConvertible { var description: String }
}
