import Foundation
import Glibc
import Logging

/// A private RabbitMQ and a private PostgreSQL in one data directory, for one machine.
///
/// The servers run detached: they outlive the process that started them, and the next `up` takes them over. Nobody else's servers are
/// touched or met: the database has no TCP port, the broker listens on loopback on a port of its own and has its own name service.
public struct LocalServices: Sendable {
    /// The data directory, an absolute path.
    public let directory: String
    let configuration: Configuration
    let probes: LoginProbes
    let logger: Logger

    /// - Parameters:
    ///   - directory: shared with others; all of the servers' files are below its `services`.
    ///   - probes: logins that decide whether a server is ready.
    public init(directory: String = LocalServices.defaultDirectory(), configuration: Configuration = Configuration(),
                probes: LoginProbes, logger: Logger = Logger(label: "mvfleet.services")) {
        self.directory = URL(fileURLWithPath: directory).standardizedFileURL.path
        self.configuration = configuration
        self.probes = probes
        self.logger = logger
    }

    /// `MVFLEET_DATA_DIR`, or `/var/lib/mvfleet` for root and `~/.local/share/mvfleet` for everybody else.
    public static func defaultDirectory(environment: [String: String] = ProcessInfo.processInfo.environment, isRoot: Bool = geteuid() == 0) -> String {
        if let chosen = environment["MVFLEET_DATA_DIR"], !chosen.isEmpty { return chosen }
        if isRoot { return "/var/lib/mvfleet" }
        return (environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? NSHomeDirectory()) + "/.local/share/mvfleet"
    }

    // MARK: Up

    /// Starts both servers, or takes over those that run already, and returns when a login works on each.
    ///
    /// Safe when two processes do it at once: the second waits, then finds both running. Cancellation leaves a server that is
    /// starting to the next `up`.
    /// - Throws: `ServiceError`, or `CancellationError`.
    @discardableResult
    public func up(progress: @escaping @Sendable (ServiceProgress) -> Void = { _ in }) async throws -> ServiceEndpoints {
        try Self.checkPath(directory)
        try Self.checkInstallation(configuration)
        let (path, configuration, probes, logger) = (directory, configuration, probes, logger)
        let lockPath = try await onOwnThread { try ServiceDirectory.makeLockable(path) }
        let lock = try await lock(lockPath, progress)
        defer { withExtendedLifetime(lock) {} }
        let place = try await onOwnThread { try ServiceDirectory.open(path, logger: logger) }
        try Self.checkPath(place.state)
        let (database, broker) = try await onOwnThread { try (Self.postgresql(place, configuration), Self.rabbitmq(place, configuration)) }
        if await !Self.isAlive(database.server, broker.server) { try Self.checkFreeSpace(place.state) }
        let deadline = ContinuousClock.now + configuration.readyDeadline
        async let databaseURL = {
            var database = database
            try await database.up(deadline: deadline, login: probes.database, progress: progress)
            return database.url
        }()
        async let amqpURL = {
            var broker = broker
            try await broker.up(deadline: deadline, login: probes.amqp, progress: progress)
            return broker.url
        }()
        let endpoints = try await ServiceEndpoints(amqpURL: amqpURL, databaseURL: databaseURL)
        logger.info("private services are ready", metadata: ["services.directory": "\(path)", "services.state": "\(place.state)"])
        return endpoints
    }

    // MARK: Down

    /// Stops both servers in order. Their data stays. Does nothing where nothing runs.
    /// - Throws: `ServiceError`, or `CancellationError`.
    public func down(progress: @escaping @Sendable (ServiceProgress) -> Void = { _ in }) async throws {
        let (path, configuration) = (directory, configuration)
        guard let place = try await onOwnThread({ try ServiceDirectory.existing(path) }) else { return }
        let lock = try await lock(place.lockPath, progress)
        defer { withExtendedLifetime(lock) {} }
        async let broker: Void = Self.stop(.rabbitmq, progress) {
            guard let broker = try Self.recordedRabbitMQ(place, configuration) else { return false }
            return try await broker.down(patience: configuration.stopDeadline)
        }
        async let database: Void = Self.stop(.postgresql, progress) {
            guard let database = try Self.recordedPostgreSQL(place, configuration) else { return false }
            return try await database.down(patience: configuration.stopDeadline)
        }
        // Both are waited for, so that a failure of one does not keep the other running.
        var failures: [any Error] = []
        do { try await broker } catch { failures.append(error) }
        do { try await database } catch { failures.append(error) }
        if let first = failures.first { throw first }
    }

    private static func stop(_ service: ServiceName, _ progress: @Sendable (ServiceProgress) -> Void, _ body: @Sendable () async throws -> Bool) async throws {
        progress(ServiceProgress(service, "stopping"))
        progress(ServiceProgress(service, try await body() ? "stopped; its data is kept" : "was not running"))
    }

    // MARK: Endpoints

    /// The endpoints that the directory records, whether the servers run or not. Nil where `up` has never run.
    /// - Throws: `ServiceError`.
    public func endpoints() throws -> ServiceEndpoints? {
        guard let place = try ServiceDirectory.existing(directory),
              let database = try InstanceRecords.read(PostgreSQLRecord.self, place.record(of: .postgresql)),
              let broker = try InstanceRecords.read(RabbitMQRecord.self, place.record(of: .rabbitmq)) else { return nil }
        return ServiceEndpoints(amqpURL: RabbitMQServer.url(broker), databaseURL: PostgreSQLServer.url(database, home: place.home(of: .postgresql)))
    }

    // MARK: Before anything starts

    /// PostgreSQL's first files, its log of changes, and twice what RabbitMQ wants free before it blocks publishers.
    private static let neededFreeBytes: Int64 = 512 << 20

    private static func checkFreeSpace(_ path: String) throws {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
        guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value, free < neededFreeBytes else { return }
        throw ServiceError(.diskFull, "only \(free >> 20) MiB are free in \(path), and the private servers need \(neededFreeBytes >> 20); free some space, or choose another directory with MVFLEET_DATA_DIR")
    }

    /// RabbitMQ asks a shell for the free disk space and puts the path between quotes: it hangs, or worse.
    private static func checkPath(_ path: String) throws {
        guard let bad = path.unicodeScalars.first(where: { $0.value < 0x20 || $0.value == 0x7f || "'\"`$\\".unicodeScalars.contains($0) }) else { return }
        let name = bad.value < 0x20 || bad.value == 0x7f ? "a control character" : "the character \(bad)"
        throw ServiceError(.configuration, "RabbitMQ cannot work below a path with \(name); choose another data directory with MVFLEET_DATA_DIR")
    }

    private static func isAlive(_ servers: DetachedServer...) async -> Bool {
        servers.allSatisfy { if case .alive = $0.sighting() { true } else { false } }
    }

    private func lock(_ path: String, _ progress: @Sendable (ServiceProgress) -> Void) async throws -> DirectoryLock {
        try await DirectoryLock.acquire(path, within: configuration.lockDeadline) { holder in
            progress(ServiceProgress(nil, "waiting for \(holder), which is starting or stopping these servers"))
        }
    }
}
