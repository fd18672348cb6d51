import Foundation
import Glibc
import LocalServices
import Synchronization
import Testing

/// Whether tests with real private servers can run here.
let canRunServers: Bool = {
    ProcessInfo.processInfo.environment["MVFLEET_TEST_LOCAL_SERVICES"] != "0"
        && access("/usr/lib/rabbitmq/bin/rabbitmq-server", X_OK) == 0 && access("/usr/lib/postgresql", R_OK) == 0
}()

/// An own data directory with its servers, both gone at the end.
struct Instance: Sendable {
    let directory: String
    let services: LocalServices

    /// - Parameter isClosed: whether only the user of the test can pass through the directory above.
    init(_ name: String = "services", isClosed: Bool = false) {
        directory = "/tmp/mvfleet-test-\(UUID().uuidString.prefix(8))/\(name)"
        services = LocalServices(directory: directory, probes: Self.probes)
        if isClosed { mkdir((directory as NSString).deletingLastPathComponent, 0o700) }
    }

    static let probes = LoginProbes(
        amqp: { url in try await onOwnThread { _ = try TinyAMQPClient(url: url) } },
        database: { url in _ = try await onOwnThread { try SQL.run("SELECT 1", url) } }
    )

    /// Runs the body, then stops the servers and removes everything, also after a failure.
    static func with<Value: Sendable>(_ name: String = "services", isClosed: Bool = false,
                                      _ body: (Instance) async throws -> Value) async throws -> Value {
        let instance = Instance(name, isClosed: isClosed)
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(instance))
        } catch {
            result = .failure(error)
            // Gone with the directory a moment later.
            for service in await instance.services.status().services {
                guard let log = try? String(contentsOfFile: service.logPath, encoding: .utf8) else { continue }
                print("\(service.name), pid \(service.pid ?? 0), last lines of \(service.logPath):\n\(log.suffix(12_000))")
            }
        }
        let state = await instance.services.status().stateDirectory
        try await instance.services.down()
        try FileManager.default.removeItem(atPath: (instance.directory as NSString).deletingLastPathComponent)
        if state.hasPrefix("/var/lib/mvfleet-services/") {
            try FileManager.default.removeItem(atPath: state)
            rmdir("/var/lib/mvfleet-services")
        }
        return try result.get()
    }

    func pids() async -> [Int32] { await services.status().services.compactMap(\.pid) }

    private static func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
        }
    }
}

/// `psql`, with the URL in the environment, not in the arguments.
enum SQL {
    struct Refusal: Error, CustomStringConvertible {
        var description: String
    }

    static func run(_ statement: String, _ url: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", #"exec psql -XAtq -v ON_ERROR_STOP=1 "$MVFLEET_TEST_URL" -c "$MVFLEET_TEST_SQL""#]
        guard let parts = URLComponents(string: url), let password = parts.password else { throw Refusal(description: "not a URL") }
        process.environment = ["PATH": "/usr/bin:/bin", "PGPASSWORD": password, "PGCONNECT_TIMEOUT": "5",
                               "MVFLEET_TEST_URL": url.replacingOccurrences(of: ":\(password)@", with: "@"), "MVFLEET_TEST_SQL": statement]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Refusal(description: text) }
        return text
    }
}

/// What was reported, in order.
final class Report: Sendable {
    private let lines = Mutex<[String]>([])
    var text: String { @inline(never) get { lines.withLock { $0.joined(separator: "\n") } } }
    var sink: @Sendable (ServiceProgress) -> Void {
        { progress in self.lines.withLock { $0.append(String(describing: progress)) } }
    }
}

func fields(ofProcess pid: Int32) -> (state: String, parent: Int32, session: Int32)? {
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8), let name = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[name...].split(separator: " ")
    guard fields.count > 4, let parent = Int32(fields[2]), let session = Int32(fields[4]) else { return nil }
    return (String(fields[1]), parent, session)
}
