extension Backend {
    func begin(_ options: TransactionOptions, _ access: SessionAccess, _ token: CancellationToken) throws -> SessionAccess {
        let statement = access.transaction == nil ? options.statement : "SAVEPOINT p\(open.count)"
        try runScript(statement, timeout: configuration.statementTimeout, access, token)
        idsGiven &+= 1
        open.append(idsGiven)
        return SessionAccess(lease: lease, transaction: idsGiven)
    }

    /// Not to be cancelled: the outcome must be known.
    func commit(_ access: SessionAccess) throws {
        let link = try check(access)
        let depth = open.count - 1
        let statement = depth == 0 ? "COMMIT" : "RELEASE SAVEPOINT p\(depth)"
        var watch = StatementWatch(deadline: deadline(configuration.statementTimeout))
        do {
            let outcome = try link.runScript(statement, &watch, nil)
            open.removeLast()
            guard outcome.tag != "ROLLBACK" else {
                throw PostgreSQLError(.transactionAborted, "the transaction was rolled back, because a statement in it had failed and the error was not passed on")
            }
        } catch let error as PostgreSQLError where depth == 0 && (error.endsConnection || error.code == .deadline) {
            throw PostgreSQLError(
                .commitOutcomeUnknown, "the connection went while COMMIT was on its way: the transaction may or may not be stored; repeat only what may be done twice",
                cause: error, isRetriable: true)
        }
    }

    /// Undoes the transaction or savepoint and all that is open within it.
    func rollBack(_ access: SessionAccess) {
        guard access.lease == lease, let id = access.transaction, let depth = open.firstIndex(of: id) else { return }
        open.removeSubrange(depth...)
        guard let link, !link.isBroken, !wake.isClosing else { return }
        var watch = StatementWatch(deadline: .now + StatementWatch.grace)
        do {
            if isCopying { try abortCopy(link) }
            _ = try link.runScript(depth == 0 ? "ROLLBACK" : "ROLLBACK TO SAVEPOINT p\(depth)", &watch, nil)
        } catch {
            // The server rolls back when the connection goes, which `endLease` or the next statement sees to.
            _ = link.lost()
        }
    }
}
