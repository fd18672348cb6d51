import Foundation
import LocalServices
import Synchronization
import Testing

/// The servers that the scenarios of one suite share: started by the first that needs them, gone after the last.
///
/// A scenario that fails throws them away, so that the next does not begin with another's damage.
actor SharedServers {
    @TaskLocal static var current: SharedServers?

    private var servers: FaultServers?
    private var starting: Task<FaultServers, any Error>?

    /// They run, all of them.
    func healthy() async throws -> FaultServers {
        // Several scenarios may ask at once: one starts, the others wait for it.
        if let starting { return try await starting.value }
        let known = servers
        let task = Task {
            let servers = known ?? FaultServers(directory: NSTemporaryDirectory() + "/mvfleet-faults-\(UUID().uuidString.prefix(8).lowercased())")
            try await servers.up()
            return servers
        }
        starting = task
        defer { starting = nil }
        servers = try await task.value
        return try await task.value
    }

    func discard() async throws {
        guard let servers else { return }
        self.servers = nil
        try await servers.remove()
    }
}

/// Gives a suite servers of its own.
struct PrivateServers: SuiteTrait, TestScoping {
    func provideScope(for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void) async throws {
        let shared = SharedServers()
        let result: Result<Void, any Error>
        do {
            result = .success(try await SharedServers.$current.withValue(shared) { try await body() })
        } catch {
            result = .failure(error)
        }
        try await shared.discard()
        try result.get()
    }
}

extension Trait where Self == PrivateServers {
    static var privateServers: PrivateServers { PrivateServers() }
}
