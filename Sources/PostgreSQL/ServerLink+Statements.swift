import CPostgres

/// What a statement brought: its rows, how many it touched, and the command's tag.
struct StatementOutcome {
    var rows: Rows
    var affectedRows: Int
    var tag: String
}

extension ServerLink {
    func prepare(_ sql: String, name: String, types: [TypeOID], _ watch: inout StatementWatch, _ token: CancellationToken?) throws {
        try settleCancelRequest()
        let oids = types.map { Oid($0.rawValue) }
        guard PQsendPrepare(handle, name, sql, Int32(oids.count), oids) == 1 else { throw lost() }
        _ = try finish(&watch, token)
    }

    func executePrepared(_ name: String, _ parameters: [Parameter], _ watch: inout StatementWatch, _ token: CancellationToken?) throws -> StatementOutcome {
        try settleCancelRequest()
        let bound = try BoundParameters(parameters)
        let sent = bound.bytes.withUnsafeBytes { buffer in
            // Each value lies within `bytes`, which outlives the call; text values are followed by a zero byte.
            let values = bound.offsets.map { offset in offset.flatMap { buffer.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) } }
            return PQsendQueryPrepared(handle, name, Int32(values.count), values, bound.lengths, bound.formats, 1)
        }
        guard sent == 1 else { throw lost() }
        return try finish(&watch, token)
    }

    /// Simple protocol: several statements, no binds, text results that are not kept.
    func runScript(_ sql: String, _ watch: inout StatementWatch, _ token: CancellationToken?) throws -> StatementOutcome {
        try settleCancelRequest()
        guard PQsendQuery(handle, sql) == 1 else { throw lost() }
        return try finish(&watch, token)
    }

    func beginCopy(_ sql: String, _ watch: inout StatementWatch, _ token: CancellationToken?) throws {
        try settleCancelRequest()
        guard PQsendQuery(handle, sql) == 1 else { throw lost() }
        try flush(&watch, token)
        guard let result = try nextResult(&watch, token) else { throw lost() }
        let status = PQresultStatus(result)
        let failure = status == PGRES_COPY_IN ? nil : error(of: result)
        PQclear(result)
        guard let failure else { return }
        try drain(&watch)
        throw interrupted(failure, watch)
    }

    func sendCopyData(_ bytes: [UInt8], _ watch: inout StatementWatch, _ token: CancellationToken?) throws {
        // Pieces well below 2³¹ bytes; libpq copies each before it returns.
        for start in stride(from: 0, to: bytes.count, by: 1 << 26) {
            let piece = bytes[start..<min(start + 1 << 26, bytes.count)]
            var sent: Int32 = 0
            while sent == 0 {
                sent = piece.withUnsafeBytes { PQputCopyData(handle, $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count)) }
                guard sent >= 0 else { throw lost() }
                try flush(&watch, token)
            }
        }
        // The next piece is another statement's worth of waiting: a request to stop is honoured here.
        if let reason = watch.reason { throw interruption(reason) }
    }

    /// - Parameter reason: nil to store the rows; otherwise why none of them is wanted.
    func endCopy(failing reason: String?, _ watch: inout StatementWatch, _ token: CancellationToken?) throws -> StatementOutcome {
        while true {
            let sent = PQputCopyEnd(handle, reason)
            guard sent >= 0 else { throw lost() }
            if sent > 0 { break }
            try flush(&watch, token)
        }
        return try finish(&watch, token)
    }

    /// Sends what is buffered and reads all results; the last one counts.
    private func finish(_ watch: inout StatementWatch, _ token: CancellationToken?) throws -> StatementOutcome {
        try flush(&watch, token)
        var outcome = StatementOutcome(rows: .empty, affectedRows: 0, tag: "")
        var failure: PostgreSQLError?
        while let result = try nextResult(&watch, token) {
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: outcome = read(result, rows: .empty)
            case PGRES_TUPLES_OK: outcome = read(result, rows: Rows(result))
            case PGRES_COPY_IN:
                PQputCopyEnd(handle, "COPY is only possible through copy(into:columns:)")
                failure = failure ?? PostgreSQLError(.misuse, "COPY FROM STDIN was sent as a statement: use copy(into:columns:)")
            case PGRES_COPY_OUT, PGRES_COPY_BOTH:
                failure = PostgreSQLError(.misuse, "COPY TO STDOUT is not offered: read with query or forEachBatch")
                _ = lost()
            default: failure = failure ?? error(of: result)
            }
            if isBroken { break }
        }
        checkStatus()
        if let failure { throw interrupted(failure, watch) }
        return outcome
    }

    private func drain(_ watch: inout StatementWatch) throws {
        while let result = try nextResult(&watch, nil) { PQclear(result) }
        checkStatus()
    }

    /// The server's "canceling statement" is our own doing if we asked for it; a statement's own deadline is the server's.
    private func interrupted(_ failure: PostgreSQLError, _ watch: StatementWatch) -> any Error {
        guard let reason = watch.reason, failure.sqlState == .queryCanceled else { return failure }
        return interruption(reason)
    }

    private func read(_ result: OpaquePointer, rows: Rows) -> StatementOutcome {
        let affected = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
        let tag = PQcmdStatus(result).map { String(cString: $0) } ?? ""
        return StatementOutcome(rows: rows, affectedRows: affected, tag: tag)
    }

    private func error(of result: OpaquePointer) -> PostgreSQLError {
        func field(_ code: Int32) -> String? { PQresultErrorField(result, code).map { String(cString: $0) } }
        guard let state = field(cpg_diag_sqlstate).map(SQLState.init(rawValue:)) else { return lost() }
        let message = field(cpg_diag_message) ?? "the server gave no reason"
        var error = PostgreSQLError(state.endsSession ? .connectionLost : .statement, message, isRetriable: state.isRetriable, sqlState: state)
        error.constraint = field(cpg_diag_constraint)
        error.table = field(cpg_diag_table)
        error.column = field(cpg_diag_column)
        error.detail = field(cpg_diag_detail)
        error.hint = field(cpg_diag_hint)
        error.position = field(cpg_diag_position).flatMap { Int($0) }
        if state.endsSession { isBroken = true }
        return error
    }
}

extension Rows {
    static var empty: Rows { Rows(table: ResultTable(columns: [], rowCount: 0, cells: [], bytes: [])) }

    /// Copies a result out of libpq's memory. `result` stays the caller's.
    init(_ result: OpaquePointer) {
        let columnCount = PQnfields(result)
        let rowCount = PQntuples(result)
        let columns = (0..<columnCount).map { column in
            Column(name: PQfname(result, column).map { String(cString: $0) } ?? "", type: TypeOID(UInt32(PQftype(result, column))))
        }
        var cells: [ResultTable.Cell] = []
        cells.reserveCapacity(Int(rowCount) * Int(columnCount))
        var bytes: [UInt8] = []
        for row in 0..<rowCount {
            for column in 0..<columnCount {
                let length = PQgetisnull(result, row, column) == 1 ? -1 : PQgetlength(result, row, column)
                cells.append(ResultTable.Cell(offset: bytes.count, length: length))
                // libpq keeps `length` bytes at this address until the result is cleared.
                if length > 0, let value = PQgetvalue(result, row, column) {
                    bytes.append(contentsOf: UnsafeRawBufferPointer(start: value, count: Int(length)))
                }
            }
        }
        self.init(table: ResultTable(columns: columns, rowCount: Int(rowCount), cells: cells, bytes: bytes))
    }
}
