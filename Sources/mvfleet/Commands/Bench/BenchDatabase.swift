import Foundation
import FleetModel
import Ledger
import Logging
import PostgreSQL

/// A database of a benchmark's own on the fleet's server, dropped afterwards: nothing of an earlier run is reused, and no job of somebody's is in the way.
struct BenchDatabase: Sendable {
    let configuration: ConnectionConfiguration
    let pool: ConnectionPool
    let ledger: Ledger

    static func with<Value: Sendable>(_ setup: FleetSetup, connections: Int = 8, _ body: (BenchDatabase) async throws -> Value) async throws -> Value {
        let name = "mvfleet_bench_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let administrator = try await Connection.open(setup.database)
        do {
            try await administrator.execute("CREATE DATABASE \(name)")
        } catch let error as PostgreSQLError {
            await administrator.close()
            throw FleetError("bench.database", "the benchmark needs a database of its own and could not make it: give the role CREATEDB, or measure on private servers ('mvfleet up')", cause: error)
        }
        let configuration = setup.database.inDatabase(name)
        let pool = ConnectionPool(configuration, limits: .init(connections: connections), logger: setup.logger)
        let result: Result<Value, any Error>
        do {
            let ledger = Ledger(pool: pool, logger: setup.logger)
            _ = try await ledger.migrate()
            result = .success(try await body(BenchDatabase(configuration: configuration, pool: pool, ledger: ledger)))
        } catch {
            result = .failure(error)
        }
        await pool.close()
        // Also when this task was cancelled.
        let dropping = Task { try await administrator.execute("DROP DATABASE IF EXISTS \(name) WITH (FORCE)") }
        if case .failure(let error) = await dropping.result {
            setup.logger.warning("bench.database_left", metadata: ["database": "\(name)", "error": "\(error)"])
        }
        await administrator.close()
        return try result.get()
    }
}
