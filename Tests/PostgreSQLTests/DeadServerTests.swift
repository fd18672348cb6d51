import Glibc
import PostgreSQL
import Testing

/// A port where connections are taken and nothing is ever said.
private final class SilentServer: Sendable {
    private let descriptor: Int32
    let port: UInt16

    init() throws {
        let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(listening >= 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // `sockaddr_in` is a `sockaddr` to these calls, which is what its length says.
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listening, $0, length) == 0 && listen(listening, 8) == 0 && getsockname(listening, $0, &length) == 0
            }
        }
        try #require(isListening)
        descriptor = listening
        port = UInt16(bigEndian: address.sin_port)
    }

    /// Lets the next client in, as a server that trusts everybody and is ready for a query. Blocks until it comes.
    func greet() {
        let client = accept(descriptor, nil, nil)
        let greeting: [UInt8] = [0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5A, 0, 0, 0, 5, 0x49]
        _ = send(client, greeting, greeting.count, 0)
    }

    deinit { Glibc.close(descriptor) }
}

@Suite struct DeadServerTests {
    @Test func aServerThatNeverAnswersEndsInConnectTimeout() async throws {
        let server = try SilentServer()
        var configuration = try ConnectionConfiguration("host=127.0.0.1 port=\(server.port) user=u dbname=d")
        configuration.connectTimeout = .milliseconds(50)
        let silent = configuration
        let error = try await failure { try await Connection.open(silent) }
        #expect(error.code == .connectTimeout)
        #expect(error.isRetriable)
    }

    @Test func connectingCanBeCancelled() async throws {
        let server = try SilentServer()
        let configuration = try ConnectionConfiguration("host=127.0.0.1 port=\(server.port) user=u dbname=d")
        let task = Task { try await Connection.open(configuration) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func aServerThatFallsSilentEndsTheStatementAndTheConnection() async throws {
        let server = try SilentServer()
        var configuration = try ConnectionConfiguration("host=127.0.0.1 port=\(server.port) user=u dbname=d sslmode=disable gssencmode=disable")
        configuration.statementTimeout = .milliseconds(20)
        async let greeted: Void = Task.detached { server.greet() }.value
        let connection = try await Connection.open(configuration)
        await greeted
        let clock = ContinuousClock()
        let start = clock.now
        let error = try await failure { try await connection.query("SELECT 1") }
        #expect(error.code == .deadline)
        #expect(clock.now - start < StatementWatch.grace + .seconds(3))
        let later = try await failure { try await connection.query("SELECT 1") }
        #expect(later.code == .connectionLost)
        await connection.close()
    }
}
