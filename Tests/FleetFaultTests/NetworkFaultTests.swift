import FaultStages
import Fleet
import FleetModel
import Foundation
import Glibc
import Ledger
import LocalServices
import PostgreSQL
import RabbitMQ
import Testing

extension FleetFaults.OnServersThatSuffer {
    /// A network between the fleet and its servers that loses packets, delays them, and ends.
    @Suite(.timeLimit(Chaos.timeLimit), .enabled(if: BadNetwork.isPossible, "this process may make network namespaces and TUN devices (root, ip, /dev/net/tun)"),
           .enabled(if: Chaos.isWhole, "only under scripts/chaos"), .tags(.chaos))
    struct NetworkFaultTests {
        @Test func `with 5 % of packets lost and 200 ms on the way, all is done and nothing twice`() async throws {
            try await FaultFleet.with { fleet in
                let clips = 400
                try await BadNetwork.with(fleet, lossPerMille: 50, delay: .milliseconds(200)) { network in
                    // Leases as a fleet has them: a heartbeat that is late by some retransmissions ends nothing.
                    try network.startCoordinator()
                    try network.startWorker { $0.leaseMilliseconds = 60_000; $0.slots = 4 }
                    fleet.injected()
                    let job = try await eventualAnswer(to: "a submission") { try await fleet.submit(clips: clips) }
                    try await eventually("the job is finished", within: .seconds(400)) { try await fleet.isFinished(job) }
                    try await network.mend()
                    try await fleet.expectWhole(job, clips: clips)
                    fleet.expectEachRanOnce(clips: clips)
                }
            }
        }

        @Test func `a network that is cut and mended costs only time`() async throws {
            try await FaultFleet.with { fleet in
                let clips = 1_500
                try await BadNetwork.with(fleet, lossPerMille: 0, delay: .milliseconds(1)) { network in
                    try network.startCoordinator("coordinator far")
                    try fleet.startCoordinator("coordinator near")
                    let far = try network.startWorker("far")
                    let job = try await eventualAnswer(to: "a submission") { try await fleet.submit(clips: clips, settings: [.left: FaultSettings(work: .milliseconds(30))]) }
                    for round in 1...3 {
                        try await eventually("a part is done") { try await fleet.done(job) > 4 * clips * round / 10 }
                        try await network.cut()
                        fleet.injected()
                        // Until its leases have ended: others could have its tasks by now.
                        try await eventually("the far worker is given up") {
                            try await fleet.ledger.counts().running == 0
                        }
                        try await network.mend()
                    }
                    #expect(far.ending == nil)
                    try await fleet.expectWhole(job, clips: clips, within: .seconds(240))
                }
            }
        }
    }
}

/// A line of its own between this machine's servers and processes in a network namespace: two TUN devices with a ``RelayPlan`` between them.
///
/// The addresses are of the block that documentation uses, which nobody routes; no packet of theirs enters another device.
struct BadNetwork: Sendable {
    static let isPossible = Chaos.isRoot && access("/dev/net/tun", R_OK | W_OK) == 0 && access("/usr/sbin/ip", X_OK) == 0
    /// Of this process alone.
    private static let near = "198.51.100.\(4 * (getpid() % 60) + 1)", far = "198.51.100.\(4 * (getpid() % 60) + 2)"

    private let fleet: FaultFleet
    private let relay: Spawned
    private let namespace: String
    private let amqpURL: String
    private let databaseURL: String

    static func with(_ fleet: FaultFleet, lossPerMille: Int, delay: Duration, _ body: (BadNetwork) async throws -> Void) async throws {
        let tag = String(fleet.scope.name.prefix(8)), namespace = "mvf-\(tag)", devices = ["mvn\(tag)", "mvf\(tag)"]
        let relay = try fleet.spawn(.relay(RelayPlan(devices: devices, lossPerMille: lossPerMille, delayMilliseconds: Int(delay / .milliseconds(1)), seed: Chaos.seed)), "relay")
        let result: Result<Void, any Error>
        do {
            try await eventually("the line is there") { relay.log.contains("relay: ready") }
            try await Tool.run(["ip", "netns", "add", namespace])
            try await Tool.run(["ip", "link", "set", devices[1], "netns", namespace])
            try await Tool.run(["ip", "address", "add", near, "peer", far, "dev", devices[0]])
            try await Tool.run(["ip", "link", "set", devices[0], "up"])
            try await Tool.run(["ip", "-n", namespace, "address", "add", far, "peer", near, "dev", devices[1]])
            try await Tool.run(["ip", "-n", namespace, "link", "set", devices[1], "up"])
            try await Tool.run(["ip", "-n", namespace, "link", "set", "lo", "up"])
            let urls = try await fleet.servers.listen(on: near, to: far, database: fleet.endpoints.databaseURL)
            try await body(BadNetwork(fleet: fleet, relay: relay, namespace: namespace, amqpURL: urls.amqpURL, databaseURL: urls.databaseURL))
            result = .success(())
        } catch {
            result = .failure(error)
        }
        // Its processes first: they need their line to end in order, and a namespace lives as long as somebody is in it.
        await fleet.endProcesses()
        relay.send(SIGTERM)
        #expect(try await relay.end(within: .seconds(30)) == .exited(0))
        _ = try? await Tool.run(["ip", "netns", "delete", namespace])
        try await fleet.servers.listenToNobody()
        try result.get()
    }

    private var environment: [String: String] { ["MVFLEET_AMQP_URL": amqpURL, "MVFLEET_DATABASE_URL": databaseURL] }

    @discardableResult
    func startWorker(_ name: String = "worker", _ configure: (inout WorkerPlan) -> Void = { _ in }) throws -> Spawned {
        try fleet.startWorker(name, environment: environment, via: ["ip", "netns", "exec", namespace], configure)
    }

    @discardableResult
    func startCoordinator(_ name: String = "coordinator") throws -> Spawned {
        try fleet.startCoordinator(name, environment: environment, via: ["ip", "netns", "exec", namespace]) { $0.leaseMilliseconds = 10_000 }
    }

    func cut() async throws { try await order(SIGUSR1, "relay: cut") }

    /// Also ends loss and delay.
    func mend() async throws { try await order(SIGUSR2, "relay: mended") }

    private func order(_ signal: Int32, _ answer: String) async throws {
        let before = relay.log.components(separatedBy: answer).count
        relay.send(signal)
        try await eventually(answer) { relay.log.components(separatedBy: answer).count > before }
    }
}

extension FaultServers {
    /// Lets both servers answer on one more address, to one more peer.
    func listen(on address: String, to peer: String, database: String) async throws -> ServiceEndpoints {
        let status = await services.status()
        let home = status.stateDirectory + "/postgresql", rules = home + "/log/pg_hba.network.conf"
        try Data("local all all scram-sha-256\nhost all all \(peer)/32 scram-sha-256\n".utf8).write(to: URL(fileURLWithPath: rules))
        try await Tool.run(["chmod", "644", rules])
        try await administer("ALTER SYSTEM SET listen_addresses = '\(address)'")
        try await administer("ALTER SYSTEM SET hba_file = '\(rules)'")
        try await restartDatabase()
        let port = 25672 + Int.random(in: 0..<10_000)
        try await rabbitmqctl(["eval", "application:set_env(rabbit, loopback_users, []), rabbit_networking:start_tcp_listener({\"\(address)\", \(port)}, 4)."])
        guard let endpoints = try services.endpoints(), var amqp = URLComponents(string: endpoints.amqpURL), let user = URLComponents(string: database.replacing("@/", with: "@localhost/")) else {
            throw Trouble(description: "no servers in \(directory)")
        }
        amqp.host = address
        amqp.port = port
        return ServiceEndpoints(amqpURL: amqp.string ?? "", databaseURL: "postgresql://\(user.user ?? ""):\(user.password ?? "")@\(address):5432\(user.path)")
    }

    func listenToNobody() async throws {
        try await administer("ALTER SYSTEM RESET ALL")
        try await restartDatabase()
        try await kill(.rabbitmq, SIGTERM)
        try await up()
    }

    func restartDatabase() async throws {
        // Whether it runs or has died meanwhile.
        _ = try? await kill(.postgresql, SIGINT)
        try await up()
    }
}
