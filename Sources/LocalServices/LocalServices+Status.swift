import Foundation

extension LocalServices {
    /// What runs here. Starts nothing and changes nothing. A login is tried on each server that lives.
    public func status() async -> ServicesStatus {
        let place: ServiceDirectory?
        var trouble: String?
        do {
            place = try ServiceDirectory.existing(directory)
        } catch {
            place = nil
            trouble = String(describing: error)
        }
        let shown = place ?? ServiceDirectory(directory: directory, state: directory + "/services")
        async let database = status(of: .postgresql, shown, trouble)
        async let broker = status(of: .rabbitmq, shown, trouble)
        return await ServicesStatus(directory: directory, stateDirectory: shown.state, services: [database, broker])
    }

    private func status(of service: ServiceName, _ place: ServiceDirectory, _ trouble: String?) async -> ServiceStatus {
        let home = place.home(of: service)
        var status = ServiceStatus(name: service, state: .stopped, detail: trouble, pid: nil, address: nil,
                                   dataDirectory: home + (service == .postgresql ? "/data" : "/mnesia"),
                                   logPath: home + (service == .postgresql ? "/log/postgresql.log" : "/log/rabbitmq.log"),
                                   version: nil, startedAt: nil, diskBytes: (try? await onOwnThread { Self.diskBytes(below: home) }) ?? 0)
        guard trouble == nil else { return status }
        do {
            switch service {
            case .postgresql:
                status.version = try PostgreSQLPrograms.find(configured: configuration.postgresqlBinaries, data: status.dataDirectory).version()
                guard let server = try Self.recordedPostgreSQL(place, configuration) else { return status }
                status.address = server.socketPath
                await fill(&status, server.server) { try await probes.database(server.url) }
            case .rabbitmq:
                status.version = try RabbitMQPrograms.find(configured: configuration.rabbitmqBinaries, erlang: configuration.erlangBinaries).version()
                guard let server = try Self.recordedRabbitMQ(place, configuration) else { return status }
                status.address = "127.0.0.1:\(server.record.ports.amqp)"
                await fill(&status, server.server) { try await probes.amqp(server.url) }
            }
        } catch {
            status.detail = String(describing: error)
        }
        return status
    }

    private func fill(_ status: inout ServiceStatus, _ server: DetachedServer, login: () async throws -> Void) async {
        switch server.sighting() {
        case .absent:
            break
        case .dead(let pid):
            status.state = .stale
            status.detail = "process \(pid) ended without being stopped; `mvfleet up` recovers"
        case .alive(let process):
            status.pid = process.identity.pid
            status.startedAt = process.startedAt
            do {
                try await login()
                status.state = .running
            } catch {
                let age = process.startedAt.map { Date.now.timeIntervalSince($0) } ?? .infinity
                let isYoung = age < Double(configuration.readyDeadline.components.seconds)
                status.state = isYoung ? .starting : .unresponsive
                status.detail = isYoung ? nil : "the process lives and no login works; see \(server.logPath), or `mvfleet down` and `up`"
            }
        }
    }

    /// The blocks that files below `path` take, links not followed.
    private static func diskBytes(below path: String) -> Int64 {
        guard let names = FileManager.default.enumerator(atPath: path) else { return 0 }
        var total: Int64 = 0
        while let name = names.nextObject() as? String { total += SmallFile.allocatedBytes("\(path)/\(name)") }
        return total
    }
}
