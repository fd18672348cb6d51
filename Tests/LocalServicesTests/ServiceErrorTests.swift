import Foundation
import LocalServices
import Testing

@Suite("Without servers: defaults, and what is refused before anything starts")
struct ServiceErrorTests {
    private func services(_ change: (inout LocalServices.Configuration) -> Void) -> LocalServices {
        var configuration = LocalServices.Configuration()
        change(&configuration)
        return LocalServices(directory: "/tmp/mvfleet-test-\(UUID().uuidString.prefix(8))", configuration: configuration,
                             probes: LoginProbes(amqp: { _ in }, database: { _ in }))
    }

    @Test("The data directory is MVFLEET_DATA_DIR, else root's or the user's own")
    func defaultDirectory() {
        #expect(LocalServices.defaultDirectory(environment: ["MVFLEET_DATA_DIR": "/d", "HOME": "/h"], isRoot: true) == "/d")
        #expect(LocalServices.defaultDirectory(environment: ["MVFLEET_DATA_DIR": "", "HOME": "/h"], isRoot: true) == "/var/lib/mvfleet")
        #expect(LocalServices.defaultDirectory(environment: ["HOME": "/h"], isRoot: false) == "/h/.local/share/mvfleet")
    }

    @Test("A server that is not installed is named, and nothing is made")
    func notInstalled() async throws {
        let services = services { $0.postgresqlBinaries = "/nowhere" }
        let error = await #expect(throws: ServiceError.self) { try await services.up() }
        #expect(error?.code == .notInstalled)
        #expect(error?.message.contains("/nowhere") == true)
        #expect(!FileManager.default.fileExists(atPath: services.directory))
    }

    @Test("Stopping, and asking, where nothing has ever run does nothing")
    func nothingThere() async throws {
        let services = services { _ in }
        try await services.down()
        #expect(try services.endpoints() == nil)
        #expect(await services.status().services.map(\.state) == [.stopped, .stopped])
        #expect(!FileManager.default.fileExists(atPath: services.directory))
    }

    @Test("An error's description has message, code and cause")
    func description() {
        #expect(ServiceError(.locked, "busy").description == "busy (services.locked)")
        #expect(ServiceError(.locked, "busy", cause: "lock").description == "busy (services.locked: lock)")
        #expect(ServiceError(.startFailed, "no", cause: "a\nb").description == "no (services.start_failed)\na\nb")
    }
}
