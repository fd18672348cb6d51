import PostgreSQL
import Testing

@Suite(.enabled(if: TestServer.isPresent, TestServer.comment))
struct CopyTests {
    @Test func fiftyThousandRowsAreLoaded() async throws {
        try await TestServer.withPool("copy") { pool in
            try await pool.script("CREATE TABLE t (id bigint, n integer, s smallint, name text, hash bytea, x double precision, flag boolean, doc jsonb, at timestamptz)")
            let stored = try await pool.withTransaction { tx in
                try await tx.copy(into: "t", columns: ["id", "n", "s", "name", "hash", "x", "flag", "doc", "at"]) { writer in
                    for id in 0..<Int64(50_000) {
                        writer.int64(id)
                        writer.int32(Int32(id) % 7)
                        writer.int16(nil)
                        writer.text("tab\tquote'\\ \(id)")
                        writer.bytea([1, 2, 3])
                        writer.double(Double(id) / 2)
                        writer.bool(id % 2 == 0)
                        writer.jsonb("{\"k\": \(id)}")
                        writer.timestamp(Timestamp(microsecondsSinceEpoch: id))
                        try await writer.endRow()
                    }
                }
            }
            #expect(stored == 50_000)
            let row = try await pool.queryOne("SELECT count(*) AS n, count(s) AS s, sum((doc->>'k')::bigint) AS k, max(x) AS x, count(*) FILTER (WHERE flag) AS f, max(at) AS at FROM t")
            #expect(try ["n", "s", "k", "f"].map { try row.int($0) } == [50_000, 0, 1_249_975_000, 25_000])
            #expect(try row.double("x") == 24_999.5)
            #expect(try row.timestamp("at").microsecondsSinceEpoch == 49_999)
            let found1 = try await pool.queryOne("SELECT name FROM t WHERE id = 17").text(0)
            #expect(found1 == "tab\tquote'\\ 17")
        }
    }

    @Test func anErrorInTheBodyStoresNothingAndKeepsTheConnection() async throws {
        struct Stop: Error {}
        try await TestServer.withPool(connections: 1, "copyabort") { pool in
            try await pool.script("CREATE TABLE t (id bigint PRIMARY KEY)")
            await #expect(throws: Stop.self) {
                try await pool.withConnection { connection in
                    try await connection.copy(into: "t", columns: ["id"]) { writer in
                        writer.int64(1)
                        try await writer.endRow()
                        throw Stop()
                    }
                }
            }
            let twice = try await failure {
                try await pool.withConnection { connection in
                    try await connection.copy(into: "t", columns: ["id"]) { writer in
                        for _ in 0..<2 {
                            writer.int64(1)
                            try await writer.endRow()
                        }
                    }
                }
            }
            #expect(twice.sqlState == .uniqueViolation)
            let mismatch = try await failure {
                try await pool.withConnection { try await $0.copy(into: "t", columns: ["id"]) { writer in writer.int32(1); try await writer.endRow() } }
            }
            #expect(mismatch.sqlState == .protocolViolation)
            let short = try await failure {
                try await pool.withConnection { try await $0.copy(into: "t", columns: ["id"]) { writer in try await writer.endRow() } }
            }
            #expect(short.code == .misuse)
            let found2 = try await pool.queryOne("SELECT count(*) FROM t").int(0)
            #expect(found2 == 0)
        }
    }
}
