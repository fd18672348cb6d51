import Foundation

extension LocalServices {
    /// Deadlines, and where the servers' programs are when that is not where Debian puts them.
    public struct Configuration: Sendable {
        /// For a login to work, from the start of the servers on. RabbitMQ takes 5 s, and up to 30 on a busy machine.
        public var readyDeadline: Duration = .seconds(60)
        /// For another `up` or `down` on the same directory to end.
        public var lockDeadline: Duration = .seconds(120)
        /// For a server to end in order, before stronger signals.
        public var stopDeadline: Duration = .seconds(30)
        /// The directory of `postgres` and `initdb`; by default the newest of `/usr/lib/postgresql/*/bin`, or that which made the data.
        public var postgresqlBinaries: String?
        /// The directory of `rabbitmq-server`; by default `/usr/lib/rabbitmq/bin`.
        public var rabbitmqBinaries: String?
        /// The directory of `erl` and `epmd`; by default `/usr/bin`.
        public var erlangBinaries: String?
        /// Passwords, names and ports come from it.
        public var randomNumber: @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }

        public init() {}
    }

    /// Says that something is not installed before anything is made.
    static func checkInstallation(_ configuration: Configuration) throws {
        _ = try PostgreSQLPrograms.find(configured: configuration.postgresqlBinaries)
        _ = try RabbitMQPrograms.find(configured: configuration.rabbitmqBinaries, erlang: configuration.erlangBinaries)
    }

    // MARK: The servers of a directory, with credentials that are made once

    static func postgresql(_ place: ServiceDirectory, _ configuration: Configuration) throws -> PostgreSQLServer {
        if let server = try recordedPostgreSQL(place, configuration) { return server }
        try refuseOrphanedData(place.home(of: .postgresql) + "/data", of: .postgresql, place)
        let record = PostgreSQLRecord(password: Secret.make(configuration.randomNumber), administratorPassword: Secret.make(configuration.randomNumber))
        try InstanceRecords.write(record, place.record(of: .postgresql))
        return try server(record, place, configuration)
    }

    static func recordedPostgreSQL(_ place: ServiceDirectory, _ configuration: Configuration) throws -> PostgreSQLServer? {
        guard let record = try InstanceRecords.read(PostgreSQLRecord.self, place.record(of: .postgresql)) else { return nil }
        return try server(record, place, configuration)
    }

    private static func server(_ record: PostgreSQLRecord, _ place: ServiceDirectory, _ configuration: Configuration) throws -> PostgreSQLServer {
        let data = place.home(of: .postgresql) + "/data"
        return PostgreSQLServer(directory: place, programs: try .find(configured: configuration.postgresqlBinaries, data: data),
                                account: try .running(.postgresql, state: data), record: record)
    }

    static func rabbitmq(_ place: ServiceDirectory, _ configuration: Configuration) throws -> RabbitMQServer {
        if let server = try recordedRabbitMQ(place, configuration) { return server }
        try refuseOrphanedData(place.home(of: .rabbitmq) + "/mnesia", of: .rabbitmq, place)
        let ports = try LoopbackPort.choose(3, random: configuration.randomNumber)
        let record = RabbitMQRecord(nodeName: "mvfleet-\(Secret.make(configuration.randomNumber).prefix(12))@localhost",
                                    password: Secret.make(configuration.randomNumber),
                                    ports: .init(amqp: ports[0], distribution: ports[1], nameService: ports[2]))
        try InstanceRecords.write(record, place.record(of: .rabbitmq))
        return try server(record, place, configuration)
    }

    static func recordedRabbitMQ(_ place: ServiceDirectory, _ configuration: Configuration) throws -> RabbitMQServer? {
        guard let record = try InstanceRecords.read(RabbitMQRecord.self, place.record(of: .rabbitmq)) else { return nil }
        return try server(record, place, configuration)
    }

    private static func server(_ record: RabbitMQRecord, _ place: ServiceDirectory, _ configuration: Configuration) throws -> RabbitMQServer {
        RabbitMQServer(directory: place,
                       programs: try .find(configured: configuration.rabbitmqBinaries, erlang: configuration.erlangBinaries),
                       account: try .running(.rabbitmq, state: place.home(of: .rabbitmq) + "/mnesia"), record: record,
                       randomNumber: configuration.randomNumber)
    }

    /// Data whose password nobody knows cannot be used, and must not be overwritten.
    private static func refuseOrphanedData(_ data: String, of service: ServiceName, _ place: ServiceDirectory) throws {
        guard SmallFile.exists(data) else { return }
        throw ServiceError(.corrupt, "\(place.record(of: service)), which holds the credentials of \(data), is missing; restore it, or move \(place.home(of: service)) away to start empty")
    }
}
