extension Backend {
    func beginCopy(_ sql: String, timeout: Duration?, _ access: SessionAccess, _ token: CancellationToken) throws {
        let link = try check(access, sql: sql, token)
        copyDeadline = deadline(timeout)
        var watch = StatementWatch(deadline: copyDeadline)
        do {
            try link.beginCopy(sql, &watch, token)
            isCopying = true
        } catch let error as PostgreSQLError {
            throw error.on(statement: sql)
        }
    }

    func sendCopyData(_ bytes: [UInt8], _ access: SessionAccess, _ token: CancellationToken) throws {
        let link = try checkCopying(access)
        var watch = StatementWatch(deadline: copyDeadline)
        try link.sendCopyData(bytes, &watch, token)
    }

    func endCopy(_ access: SessionAccess, _ token: CancellationToken) throws -> Int {
        let link = try checkCopying(access)
        isCopying = false
        var watch = StatementWatch(deadline: copyDeadline)
        return try link.endCopy(failing: nil, &watch, token).affectedRows
    }

    /// - Returns: what the server said, if it is more than that the COPY was given up.
    func abandonCopy(_ access: SessionAccess) -> PostgreSQLError? {
        guard access.lease == lease, isCopying, let link else { return nil }
        do {
            try abortCopy(link)
        } catch let error as PostgreSQLError where error.sqlState != .queryCanceled {
            return error
        } catch {}
        return nil
    }

    func abortCopy(_ link: ServerLink) throws {
        isCopying = false
        var watch = StatementWatch(deadline: .now + StatementWatch.grace)
        _ = try link.endCopy(failing: "the client gave up", &watch, nil)
    }

    private func checkCopying(_ access: SessionAccess) throws -> ServerLink {
        guard access.lease == lease, isCopying else { throw PostgreSQLError(.misuse, "no COPY is under way on this connection") }
        guard let link, !wake.isClosing else { throw Self.closedError(configuration.description) }
        guard !link.isBroken else { throw link.lost() }
        return link
    }
}
