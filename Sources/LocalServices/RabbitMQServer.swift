import Foundation
import Glibc

/// The private RabbitMQ, with a name service (epmd) of its own so that it never meets another Erlang node of the machine.
struct RabbitMQServer: Sendable {
    let directory: ServiceDirectory
    let programs: RabbitMQPrograms
    let account: ServerAccount
    var record: RabbitMQRecord
    let randomNumber: @Sendable () -> UInt64

    var home: String { directory.home(of: .rabbitmq) }
    var url: String { Self.url(record) }

    static func url(_ record: RabbitMQRecord) -> String { "amqp://mvfleet:\(record.password)@127.0.0.1:\(record.ports.amqp)/mvfleet" }

    var server: DetachedServer {
        DetachedServer(account: account, pidPath: home + "/run/rabbitmq.pid", logPath: home + "/log/boot.log", workingDirectory: home + "/home",
                       marker: ["-mvfleet_state", home])
    }

    var nameService: DetachedServer {
        DetachedServer(account: account, pidPath: home + "/run/epmd.pid", logPath: home + "/log/epmd.log", workingDirectory: home + "/home",
                       marker: ["-port", String(record.ports.nameService), "-address", "127.0.0.1"])
    }

    private static let startAttempts = 3
    private static let nameServiceDeadline = Duration.seconds(10)
    private static let releaseDeadline = Duration.seconds(5)

    // MARK: Up

    mutating func up(deadline: ContinuousClock.Instant, login: @Sendable (String) async throws -> Void,
                     progress: @escaping @Sendable (ServiceProgress) -> Void) async throws {
        let wait = LoginWait(service: .rabbitmq, server: server, deadline: deadline, secrets: [record.password], progress: progress)
        if case .alive(let process) = server.sighting() {
            progress(ServiceProgress(.rabbitmq, "runs already (process \(process.identity.pid)); taking it over"))
            let url = url
            if case .ready = try await wait.untilReady({ try await login(url) }) { return try markBooted() }
        }
        for attempt in 1 ... Self.startAttempts {
            do {
                try await start(progress: progress)
                let url = self.url
                if case .ready = try await wait.untilReady({ try await login(url) }) { return try markBooted() }
                throw BootFailure.explain(.rabbitmq, lines: bootLines(), place: home, secrets: wait.secrets)
            } catch let failure as ServiceError where failure.code == .portTaken && attempt < Self.startAttempts {
                progress(ServiceProgress(.rabbitmq, "a port was taken in the meantime; choosing others"))
            }
        }
    }

    private mutating func start(progress: @Sendable (ServiceProgress) -> Void) async throws {
        if case .dead(let pid) = server.sighting() {
            progress(ServiceProgress(.rabbitmq, "process \(pid) ended without being stopped; recovering"))
            try await portsAreReleased()
        }
        self = try await onOwnThread { [self] in
            var prepared = self
            try prepared.prepare()
            return prepared
        }
        try await nameServiceListens()
        progress(ServiceProgress(.rabbitmq, "starting on 127.0.0.1:\(record.ports.amqp)"))
        try await onOwnThread { [self] in
            let settings = RabbitMQSettings(home: home, record: record, programs: programs)
            try settings.write(account: account)
            unlink(server.logPath)
            try server.start([programs.server] + server.marker, environment: settings.environment)
        }
    }

    // MARK: The first boot

    /// There once a login has worked: the first boot was complete.
    private var bootedPath: String { home + "/booted" }

    private func markBooted() throws {
        guard access(bootedPath, F_OK) != 0 else { return }
        try SmallFile.replace(bootedPath, with: "A login has worked here. Without this file, mnesia/ counts as left by a first boot that was cut short.\n", mode: 0o600)
    }

    /// A node that is killed in its very first boot comes back with its feature flags off, and then refuses quorum queues for ever. Nothing can be in it
    /// yet: no login has worked. So it begins anew.
    private func clearUnfinishedFirstBoot() throws {
        guard access(bootedPath, F_OK) != 0 else { return }
        for name in (try? FileManager.default.contentsOfDirectory(atPath: home + "/mnesia")) ?? [] {
            do {
                try FileManager.default.removeItem(atPath: "\(home)/mnesia/\(name)")
            } catch {
                throw ServiceError(.permission, "\(home)/mnesia/\(name), left by a first boot that was cut short, cannot be removed; remove it", cause: "\(error)")
            }
        }
    }

    /// Everything before the node itself, up to a name service that has been started. Blocks for some milliseconds.
    private mutating func prepare() throws {
        try checkLocalhost()
        try makeDirectories()
        try clearUnfinishedFirstBoot()
        try RabbitMQCookie(home: home + "/home", account: account).ensure(randomNumber)
        unlink(server.pidPath)
        try keepOrChoosePorts()
        if !hasNameService {
            try nameService.start([programs.nameService] + nameService.marker, environment: ["PATH": "/usr/bin:/bin"])
        }
    }

    /// A node whose host name does not resolve hangs without a word.
    private func checkLocalhost() throws {
        let lookup = "/usr/bin/getent"
        guard access(lookup, X_OK) == 0, try ChildProcess(arguments: [lookup, "ahostsv4", "localhost"]).run(within: .seconds(10)).status != 0 else { return }
        throw ServiceError(.configuration, "this machine cannot resolve `localhost`, which RabbitMQ needs; /etc/hosts needs the line `127.0.0.1 localhost`")
    }

    private func makeDirectories() throws {
        let isOurs = account.isCurrentUser
        try SmallFile.makeDirectory(home, mode: isOurs ? 0o700 : 0o750, groupID: isOurs ? nil : account.groupID)
        for name in ["home", "mnesia", "log", "run"] {
            try SmallFile.makeDirectory("\(home)/\(name)", mode: 0o700, userID: isOurs ? nil : account.userID, groupID: isOurs ? nil : account.groupID)
        }
    }

    /// A node that was just killed holds its ports until the last of its threads is gone, a moment after its process counts as dead.
    private func portsAreReleased() async throws {
        let deadline = ContinuousClock.now + Self.releaseDeadline
        while ContinuousClock.now < deadline, !LoopbackPort.isFree(record.ports.amqp) || !LoopbackPort.isFree(record.ports.distribution) {
            // Nobody tells when a port is free.
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Keeps the ports of the last time, except those that somebody else has taken since.
    private mutating func keepOrChoosePorts() throws {
        var ports = record.ports
        if !hasNameService, !LoopbackPort.isFree(ports.nameService) {
            stopStrayNameService()
            if !LoopbackPort.isFree(ports.nameService) { ports.nameService = try choose(avoiding: ports) }
        }
        if !LoopbackPort.isFree(ports.amqp) { ports.amqp = try choose(avoiding: ports) }
        if !LoopbackPort.isFree(ports.distribution) { ports.distribution = try choose(avoiding: ports) }
        guard ports != record.ports else { return }
        record.ports = ports
        try InstanceRecords.write(record, directory.record(of: .rabbitmq))
    }

    private func choose(avoiding ports: RabbitMQRecord.Ports) throws -> UInt16 {
        try LoopbackPort.choose(1, avoiding: Set(ports.all), random: randomNumber)[0]
    }

    // MARK: The name service

    private var hasNameService: Bool {
        if case .alive = nameService.sighting() { true } else { false }
    }

    private func nameServiceListens() async throws {
        let deadline = ContinuousClock.now + Self.nameServiceDeadline
        while !LoopbackPort.isListening(record.ports.nameService) || !hasNameService {
            guard hasNameService, ContinuousClock.now < deadline else {
                let lines = nameService.lastWords(from: 0, limit: 5)
                // It ends at once, without a word, when another one has the port.
                throw lines.isEmpty || !LoopbackPort.isFree(record.ports.nameService)
                    ? ServiceError(.portTaken, "RabbitMQ's name service (epmd) cannot have port \(record.ports.nameService); try again", isRetriable: true)
                    : BootFailure.explain(.rabbitmq, lines: lines, place: home, secrets: [record.password])
            }
            // The name service runs apart from this process, and says nothing when it listens.
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// RabbitMQ itself starts one when ours has been killed. Such a one refuses to end while it serves a node, so this cannot hurt anybody else's.
    private func stopStrayNameService() {
        guard LoopbackPort.isListening(record.ports.nameService) else { return }
        _ = try? ChildProcess(arguments: account.command([programs.nameService, "-port", String(record.ports.nameService), "-kill"])).run(within: .seconds(5))
    }

    // MARK: Down

    /// TERM stops a node in order; its name service ends after it.
    func down(patience: Duration) async throws -> Bool {
        let stopped = try await server.stop("RabbitMQ", escalation: [(SIGTERM, patience), (SIGKILL, .seconds(5))])
        let hadNameService = try await nameService.stop("RabbitMQ's name service", escalation: [(SIGTERM, .seconds(3)), (SIGKILL, .seconds(5))])
        if stopped, !hadNameService { stopStrayNameService() }
        return stopped
    }

    /// What the node said on standard output and in its log, of this start only.
    private func bootLines() -> [String] {
        let spoken = server.lastWords(from: 0)
        return spoken.isEmpty ? DetachedServer.lastLines(of: home + "/log/rabbitmq.log", from: 0, limit: 200) : spoken
    }
}
