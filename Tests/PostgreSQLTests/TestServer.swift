import Glibc
import PostgreSQL
import Testing

/// The server of the integration tests.
enum TestServer {
    static let url = getenv("MVFLEET_TEST_DATABASE_URL").map { String(cString: $0) }
    static let isPresent = url != nil
    static let comment: Comment = "set MVFLEET_TEST_DATABASE_URL to a PostgreSQL that may be written to"

    static func configuration() throws -> ConnectionConfiguration {
        try ConnectionConfiguration(try #require(url), applicationName: "mvfleet tests")
    }

    /// A schema of its own for `body`, dropped afterwards; every connection of the pool works in it.
    static func withPool(connections: Int = 4, _ name: String, _ body: (ConnectionPool) async throws -> Void) async throws {
        let schema = "test_\(name)_\(getpid())"
        var configuration = try configuration()
        configuration.settings["search_path"] = schema
        let pool = try await ConnectionPool.open(configuration, limits: .init(connections: connections, waitTimeout: .seconds(10)))
        try await pool.execute("CREATE SCHEMA \(schema)")
        do {
            try await body(pool)
        } catch {
            _ = try? await pool.execute("DROP SCHEMA \(schema) CASCADE")
            await pool.close()
            throw error
        }
        try await pool.execute("DROP SCHEMA \(schema) CASCADE")
        await pool.close()
    }
}

/// The error that `body` throws, as this module's.
func failure<T>(_ body: () async throws -> T) async throws -> PostgreSQLError {
    do {
        _ = try await body()
    } catch let error as PostgreSQLError {
        return error
    }
    throw NothingThrown()
}

struct NothingThrown: Error {}
