import Foundation
import Glibc
import LocalServices
import Testing

@Suite("Private servers", .serialized, .enabled(if: canRunServers, "needs the packages rabbitmq-server and postgresql; MVFLEET_TEST_LOCAL_SERVICES=0 disables"),
       .timeLimit(.minutes(3)))
struct LocalServicesTests {
    @Test("Up, down and up again keeps the data, also when somebody takes the port in between, and status tells all of it")
    func keepsData() async throws {
        try await Instance.with { instance in
            let before = await instance.services.status()
            #expect(before.services.map(\.state) == [.stopped, .stopped])
            #expect(try instance.services.endpoints() == nil)
            #expect(!FileManager.default.fileExists(atPath: instance.directory), "status makes nothing")

            let first = try await instance.services.up()
            #expect(try SQL.run("CREATE TABLE kept (n int); INSERT INTO kept VALUES (42); SELECT current_user", first.databaseURL) == "mvfleet")
            try TinyAMQPClient(url: first.amqpURL).declareDurableQueue("kept")
            let running = await instance.services.status()
            #expect(running.isRunning)
            #expect(running.services.map(\.name) == [.postgresql, .rabbitmq])
            for service in running.services {
                #expect(service.pid != nil && service.startedAt != nil && service.version?.contains(".") == true)
                #expect(service.diskBytes > 1 << 16)
                #expect(FileManager.default.fileExists(atPath: service.logPath))
            }
            #expect(try instance.services.endpoints() == first)

            try await instance.services.down()
            try await instance.services.down()
            let stopped = await instance.services.status()
            #expect(stopped.services.map(\.state) == [.stopped, .stopped])
            for pid in running.services.compactMap(\.pid) { #expect(fields(ofProcess: pid).map { $0.state == "Z" } ?? true, "process \(pid) is gone") }

            let port = try #require(URLComponents(string: first.amqpURL)?.port)
            let stranger = try #require(Listener(port: UInt16(port)))
            let second = try await instance.services.up()
            withExtendedLifetime(stranger) {}
            #expect(URLComponents(string: second.amqpURL)?.port != port)
            #expect(second.databaseURL == first.databaseURL)
            #expect(try SQL.run("SELECT n FROM kept", second.databaseURL) == "42")
            try TinyAMQPClient(url: second.amqpURL).declareDurableQueue("kept", passive: true)
        }
    }

    @Test("Servers belong to nobody, show no secret and no foreign door, are taken over by the next up, and recover from kill -9")
    func adoptsAndRecovers() async throws {
        try await Instance.with { instance in
            let endpoints = try await instance.services.up()
            let pids = await instance.pids()
            #expect(pids.count == 2)
            let own = try #require(fields(ofProcess: getpid()))
            for pid in pids {
                let process = try #require(fields(ofProcess: pid))
                #expect(process.parent != getpid(), "an orphan: it lives on when we are killed")
                #expect(process.session != own.session)
            }
            try expectNoSecrets(endpoints, in: pids)
            #expect(throws: (any Error).self) { try TinyAMQPClient(url: Self.asGuest(endpoints.amqpURL)) }
            #expect(try SQL.run("SHOW data_checksums", endpoints.databaseURL) == "on")
            #expect(try SQL.run("SELECT rolsuper FROM pg_roles WHERE rolname = 'mvfleet'", endpoints.databaseURL) == "f")
            #expect(try SQL.run("SHOW listen_addresses", endpoints.databaseURL).isEmpty)
            _ = try SQL.run("CREATE TABLE kept AS SELECT 42 AS n", endpoints.databaseURL)
            try TinyAMQPClient(url: endpoints.amqpURL).declareDurableQueue("kept")

            // The owner is gone; another process, another spelling of the path.
            let next = LocalServices(directory: instance.directory + "/../services", probes: Instance.probes)
            let adopting = Report()
            #expect(try await next.up(progress: adopting.sink) == endpoints)
            #expect(await instance.pids() == pids)
            #expect(adopting.text.contains("taking it over"))

            for pid in pids { #expect(kill(pid, SIGKILL) == 0) }
            let recovering = Report()
            #expect(try await instance.services.up(progress: recovering.sink) == endpoints)
            #expect(recovering.text.contains("recovering"))
            #expect(await Set(instance.pids()).isDisjoint(with: pids))
            #expect(try SQL.run("SELECT n FROM kept", endpoints.databaseURL) == "42")
            // RabbitMQ 3.10 that is killed within a moment of its start sometimes does not know a queue of that moment afterwards, although its log on disk
            // names it. The fleet declares its queues again, so what matters is that they can be.
            try TinyAMQPClient(url: endpoints.amqpURL).declareDurableQueue("kept")

            for pid in await instance.pids() { kill(pid, SIGKILL) }
        }
    }

    @Test("Two instances side by side, one below a path that is closed to others and one below one too long for a socket, each started twice at once, never meet")
    func sideBySide() async throws {
        let long = String(repeating: "a long name, with blanks and ünïcode ", count: 3)
        try await Instance.with(isClosed: true) { one in
            try await Instance.with(long) { other in
                async let ones = one.services.up()
                async let onesAgain = LocalServices(directory: one.directory, probes: Instance.probes).up()
                async let others = other.services.up()
                async let othersAgain = LocalServices(directory: other.directory, probes: Instance.probes).up()
                let (first, again, second, secondAgain) = try await (ones, onesAgain, others, othersAgain)
                #expect(first == again)
                #expect(second == secondAgain)
                let state = await one.services.status().stateDirectory
                #expect(state.hasPrefix(geteuid() == 0 ? "/var/lib/mvfleet-services/" : one.directory), "root's servers run as others")
                #expect(await Set(one.pids() + other.pids()).count == 4)
                _ = try SQL.run("CREATE TABLE mine (n int)", first.databaseURL)
                #expect(try SQL.run("SELECT to_regclass('mine') IS NULL", second.databaseURL) == "t")
                try TinyAMQPClient(url: first.amqpURL).declareDurableQueue("mine")
                #expect(throws: (any Error).self) { try TinyAMQPClient(url: second.amqpURL).declareDurableQueue("mine", passive: true) }
            }
        }
    }

    @Test("A log that has grown is begun anew while its server goes on writing, and nothing else is touched")
    func boundsLogs() async throws {
        try await Instance.with { instance in
            #expect(try await instance.services.trimLogs() == [], "there is nothing yet")
            let endpoints = try await instance.services.up()
            #expect(try await instance.services.trimLogs() == [])
            let logs = await instance.services.status().services
            let log = try #require(logs.first { $0.name == .postgresql }).logPath
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
            try handle.seekToEnd()
            for _ in 0 ... LocalServices.logLimit >> 20 { try handle.write(contentsOf: Data(repeating: UInt8(ascii: "x"), count: 1 << 20)) }
            try handle.close()
            #expect(try await instance.services.trimLogs() == [log])
            #expect(try Data(contentsOf: URL(fileURLWithPath: log)).isEmpty)
            #expect(try Data(contentsOf: URL(fileURLWithPath: log + ".1")).count > LocalServices.logLimit)
            #expect(throws: (any Error).self) { try SQL.run("SELECT no_such_column", endpoints.databaseURL) }
            #expect(try String(contentsOfFile: log, encoding: .utf8).contains("no_such_column"))
            // RabbitMQ turns its own over; its settings say when.
            let settings = try String(contentsOfFile: await instance.services.status().stateDirectory + "/rabbitmq/rabbitmq.conf", encoding: .utf8)
            #expect(settings.contains("log.file.rotation.size = \(LocalServices.logLimit)\n") && settings.contains("log.file.rotation.count = 3\n"))
        }
    }

    @Test("A path that RabbitMQ would hang in is refused at once, in words")
    func refusesQuotes() async throws {
        let error = await #expect(throws: ServiceError.self) { try await Instance("it's").services.up() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("MVFLEET_DATA_DIR") == true)
    }

    private static func asGuest(_ url: String) -> String {
        guard var parts = URLComponents(string: url) else { return url }
        (parts.user, parts.password) = ("guest", "guest")
        return parts.string ?? url
    }

    private func expectNoSecrets(_ endpoints: ServiceEndpoints, in pids: [Int32]) throws {
        let secrets = [endpoints.amqpURL, endpoints.databaseURL].compactMap { URLComponents(string: $0)?.password }
        #expect(secrets.count == 2 && secrets.allSatisfy { $0.count == 48 })
        for pid in pids {
            for file in ["cmdline", "environ"] {
                let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/\(file)")), as: UTF8.self)
                for secret in secrets { #expect(!text.contains(secret), "\(file) of \(pid)") }
            }
        }
        for secret in secrets { #expect(!String(describing: endpoints).contains(secret)) }
        var dumped = ""
        dump(endpoints, to: &dumped)
        for secret in secrets { #expect(!dumped.contains(secret)) }
    }
}

/// Somebody who listens on a port of loopback.
final class Listener {
    private let descriptor: Int32

    init?(port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard bound == 0, listen(descriptor, 1) == 0 else { return nil }
    }

    deinit { close(descriptor) }
}
