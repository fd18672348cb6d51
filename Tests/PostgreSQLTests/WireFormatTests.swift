import PostgreSQL
import Testing

@Suite struct WireFormatTests {
    @Test func integersAreSentInNetworkOrderWithTheirType() throws {
        let bound = try BoundParameters([.int64(258), .text("ä"), nil, .bytea([]), .bool(true)])
        #expect(bound.bytes == [0, 0, 0, 0, 0, 0, 1, 2, 0, 0xC3, 0xA4, 0, 0, 1, 0])
        #expect(bound.offsets == [0, 9, nil, 12, 13])
        #expect(bound.lengths == [8, 2, 0, 0, 1])
        #expect(bound.formats == [1, 0, 1, 1, 1])
        #expect([Parameter.int64(1), .text("x"), .int32(nil)].map(\.type) == [.int8, .unspecified, .int4])
    }

    @Test func anArrayHasItsHeaderAndEachElementItsLength() {
        let bytes = WireEncoding.array([Int16(1), nil], of: .int2, bytesEach: 2) { $1 += [0, UInt8($0)] }
        #expect(bytes == [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 21, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 1, 255, 255, 255, 255])
        #expect(WireEncoding.array([Int16?](), of: .int2, bytesEach: 2) { _, _ in } == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 21])
    }

    @Test func tooManyParametersAreRefused() {
        #expect(throws: PostgreSQLError.self) { try BoundParameters([Parameter](repeating: 1, count: 65_536)) }
    }

    @Test func malformedValuesAreFaultsAndNeverTraps() {
        let arrayTypes: [TypeOID] = [.int8Array, .textArray, .byteaArray]
        let header: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0x7F, 255, 255, 255, 0, 0, 0, 1]
        for length in 0...header.count {
            for type in arrayTypes { #expect(throws: PostgreSQLError.self) { try row(Array(header[..<length]), type).int64Array(0) } }
        }
        #expect(throws: PostgreSQLError.self) { try row([0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 1, 0x7F, 255, 255, 255, 1], .int8Array).int64Array(0) }
        #expect(throws: PostgreSQLError.self) { try row([0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 1], .int8Array).int64Array(0) }
        #expect(throws: PostgreSQLError.self) { try row([1, 2, 3], .int8).int64(0) }
        #expect(throws: PostgreSQLError.self) { try row([0xFF, 0xFE], .text).text(0) }
        #expect(throws: PostgreSQLError.self) { try row([2, 65], .jsonb).text(0) }
        #expect(throws: PostgreSQLError.self) { try row([], .jsonb).text(0) }
        #expect(throws: PostgreSQLError.self) { try row([0x7F, 255, 0, 0, 0, 0, 0, 0], .numeric).text(0) }
        #expect(throws: PostgreSQLError.self) { try row([0, 1, 0, 0, 0, 0, 0, 0, 255, 255], .numeric).double(0) }
        #expect(throws: PostgreSQLError.self) { try row([1], .bool).int64(0) }
        #expect(throws: PostgreSQLError.self) { try row([0], .bool).int64(7) }
    }

    @Test func instantsClampAtTheEndsOfTime() {
        #expect(Timestamp(secondsSinceEpoch: .infinity).microsecondsSinceEpoch == .max)
        #expect(Timestamp(secondsSinceEpoch: -1e300).microsecondsSinceEpoch == .min)
        #expect(Timestamp(secondsSinceEpoch: .nan).microsecondsSinceEpoch == 0)
        #expect(Timestamp(secondsSinceEpoch: 1.5).secondsSinceEpoch == 1.5)
    }

    private func row(_ bytes: [UInt8], _ type: TypeOID) throws -> Row {
        let table = ResultTable(columns: [.init(name: "x", type: type)], rowCount: 1, cells: [.init(offset: 0, length: Int32(bytes.count))], bytes: bytes)
        return try #require(Rows(table: table).first)
    }
}

@Suite struct CopyEncoderTests {
    @Test func rowsHaveHeaderFieldsAndTrailer() throws {
        var encoder = CopyEncoder(columnCount: 3)
        encoder.append(Int16(5))
        encoder.append(text: "ab")
        encoder.appendNull()
        try encoder.endRow()
        try encoder.finish()
        let header = Array("PGCOPY\n".utf8) + [0xFF, 13, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(encoder.bytes == header + [0, 3, 0, 0, 0, 2, 0, 5, 0, 0, 0, 2, 97, 98, 255, 255, 255, 255, 255, 255])
        #expect(encoder.rowCount == 1)
    }

    @Test func rowsOfTheWrongWidthAndTextWithNulAreRefused() {
        var narrow = CopyEncoder(columnCount: 2)
        narrow.append(Int64(1))
        #expect(throws: PostgreSQLError.self) { try narrow.endRow() }
        #expect(throws: PostgreSQLError.self) { try narrow.finish() }
        var nul = CopyEncoder(columnCount: 1)
        nul.append(text: "a\0")
        #expect(throws: PostgreSQLError.self) { try nul.endRow() }
    }

    @Test func takingEmptiesAndGoesOn() throws {
        var encoder = CopyEncoder(columnCount: 1)
        _ = encoder.take()
        encoder.append([UInt8](arrayLiteral: 9))
        try encoder.endRow()
        #expect(encoder.take() == [0, 1, 0, 0, 0, 1, 9])
        #expect(encoder.bytes.isEmpty)
    }
}
