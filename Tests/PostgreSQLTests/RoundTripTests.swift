import PostgreSQL
import Testing

@Suite(.enabled(if: TestServer.isPresent, TestServer.comment))
struct RoundTripTests {
    @Test func scalarsComeBackAsTheyWereBound() async throws {
        try await TestServer.withPool("scalars") { pool in
            let text = "O'Neil \\ \"quoted\" 𝄞 é\n\t{a,b}"
            let row = try await pool.queryOne(
                "SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e, $6::text AS f, $7 AS g, $8 AS h, $9 AS i, $10 AS j, $11 AS k",
                [
                    .int64(.min), .int32(-7), .int16(300), .double(-0.1), .bool(true), .text(text), .bytea([0, 1, 255, 92, 39]),
                    .timestamp(Timestamp(microsecondsSinceEpoch: 1_700_000_000_123_456)), .uuid(Array(0..<16)), .xid8(.max), .int64(nil),
                ])
            #expect(try row.int64("a") == .min)
            #expect(try row.int32("b") == -7)
            #expect(try row.int("b") == -7)
            #expect(try row.int16("c") == 300)
            #expect(try row.double("d") == -0.1)
            #expect(try row.bool("e"))
            #expect(try row.text("f") == text)
            #expect(try row.bytea("g") == [0, 1, 255, 92, 39])
            #expect(try row.timestamp("h").microsecondsSinceEpoch == 1_700_000_000_123_456)
            #expect(try row.uuid("i") == Array(0..<16))
            #expect(try row.xid8("j") == .max)
            #expect(try row.isNull("k"))
            #expect(try row.int64IfPresent("k") == nil)
            #expect(try row.text(5) == text)
        }
    }

    @Test func theServerReadsBoundInstantsAndIntervalsAsMeant() async throws {
        try await TestServer.withPool("instants") { pool in
            let row = try await pool.queryOne(
                "SELECT extract(epoch FROM $1)::text AS a, extract(epoch FROM $2)::float8 AS b, 'infinity'::timestamptz AS c",
                [.timestamp(Timestamp(microsecondsSinceEpoch: 1_000_000)), .interval(.milliseconds(90_500))])
            #expect(try row.text("a") == "1.000000")
            #expect(try row.double("b") == 90.5)
            #expect(try row.timestamp("c").microsecondsSinceEpoch == .max)
        }
    }

    @Test func arraysComeBackWithNullsAndEmpty() async throws {
        try await TestServer.withPool("arrays") { pool in
            let texts: [String?] = ["a", nil, "", "{\"x\",\\}", "NULL", "é"]
            let row = try await pool.queryOne(
                "SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e, $6 AS f, $7 AS g, $8 AS h",
                [
                    .int64Array([1, -2, .max]), .textArray(texts), .byteaArray([[], [0, 9]]), .boolArray([true, nil, false]), .doubleArray([0.5, .infinity]),
                    .int64Array([Int64]()), .int16Array([1, nil]), .timestampArray([Timestamp(microsecondsSinceEpoch: 5)]),
                ])
            #expect(try row.int64Array("a") == [1, -2, .max])
            #expect(try row.textArrayWithNulls("b") == texts)
            #expect(try row.byteaArray("c") == [[], [0, 9]])
            #expect(try row.boolArrayWithNulls("d") == [true, nil, false])
            #expect(try row.doubleArray("e") == [0.5, .infinity])
            #expect(try row.int64Array("f") == [])
            #expect(try row.int16ArrayWithNulls("g") == [1, nil])
            #expect(try row.timestampArray("h").map(\.microsecondsSinceEpoch) == [5])
            let error = try await failure { try row.textArray("b") }
            #expect(error.code == .decoding && error.message.contains("\"b\" (text[])") && error.message.contains("NULL"))
        }
    }

    @Test func sixteenThousandElementsAreUnnested() async throws {
        try await TestServer.withPool("unnest") { pool in
            try await pool.script("CREATE TABLE t (id bigint PRIMARY KEY, name text, hash bytea)")
            let ids = (0..<16_000).map { Int64($0) }
            let affected = try await pool.execute(
                "INSERT INTO t SELECT * FROM unnest($1, $2, $3)",
                [.int64Array(ids), .textArray(ids.map { "name '\($0)'" }), .byteaArray(ids.map { [UInt8(truncatingIfNeeded: $0)] })])
            #expect(affected == 16_000)
            let row = try await pool.queryOne("SELECT count(*) AS n, sum(id) AS total, max(name) AS last FROM t WHERE id = ANY ($1)", [.int64Array(ids)])
            #expect(try row.int("n") == 16_000)
            #expect(try row.int64("total") == 127_992_000)
            #expect(try row.text("last") == "name '9999'")
        }
    }

    @Test func numericIsReadAsTextIntegerAndDouble() async throws {
        try await TestServer.withPool("numeric") { pool in
            for text in ["0", "-12345.6700", "0.00012", "100000000", "99999999999999999999.5", "10000", "-0.5", "NaN"] {
                let found1 = try await pool.queryOne("SELECT $1::numeric", [.text(text)]).text(0)
                #expect(found1 == text)
            }
            let found2 = try await pool.queryOne("SELECT 1e18::numeric").int64(0)
            #expect(found2 == 1_000_000_000_000_000_000)
            let found3 = try await pool.queryOne("SELECT -2.50::numeric").double(0)
            #expect(found3 == -2.5)
            let error4 = try await failure { try await pool.queryOne("SELECT 2.5::numeric").int(0) }
            #expect(error4.code == .decoding)
        }
    }

    @Test func textFitsWhereverTheServerInfersItsType() async throws {
        try await TestServer.withPool("inferred") { pool in
            try await pool.script("CREATE TYPE mood AS ENUM ('calm', 'wild'); CREATE TABLE t (m mood, j jsonb, u uuid)")
            try await pool.execute("INSERT INTO t VALUES ($1, $2, $3)", ["calm", "{\"b\": 1}", "00000000-0000-0000-0000-000000000001"])
            let row = try await pool.queryOne("SELECT m, j, u, j::text AS text, pg_notify('x', '') AS nothing FROM t")
            #expect(try row.text("m") == "calm")
            #expect(try row.text("j") == "{\"b\": 1}")
            #expect(try row.uuid("u").last == 1)
        }
    }

    @Test func whatCannotBeSentOrReadNamesItsPlace() async throws {
        try await TestServer.withPool("named") { pool in
            let nul = try await failure { try await pool.query("SELECT $1, $2", [1, .text("a\0b")]) }
            #expect(nul.code == .encoding && nul.message.contains("$2") && nul.message.contains("NUL"))
            let error5 = try await failure { try await pool.query("SELECT $1", [.textArray(["x", "\0"])]) }
            #expect(error5.message.contains("element 2"))
            let row = try await pool.queryOne("SELECT 70000 AS big, NULL::text AS missing, point(1, 2) AS place")
            let error6 = try await failure { try row.int16("big") }
            #expect(error6.message.contains("\"big\" (integer), row 0: 70000 does not fit Int16"))
            let error7 = try await failure { try row.text("missing") }
            #expect(error7.message.contains("\"missing\" (text), row 0: is NULL"))
            let error8 = try await failure { try row.text("nowhere") }
            #expect(error8.message.contains("big, missing, place"))
            let error9 = try await failure { try row.text("place") }
            #expect(error9.code == .decoding)
            let error10 = try await failure { try await pool.queryOne("SELECT 1 WHERE false") }
            #expect(error10.code == .unexpectedRowCount)
        }
    }
}
