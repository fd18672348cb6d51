import CPostgres
import Glibc

extension ServerLink {
    /// Waits for at least one notification; empty at the limit.
    func notifications(until limit: ContinuousClock.Instant?, _ token: CancellationToken) throws -> [Notification] {
        while true {
            if token.isCancelled { throw CancellationError() }
            if wake.isClosing { throw Backend.closedError(server) }
            guard PQconsumeInput(handle) == 1, PQstatus(handle) == CONNECTION_OK else { throw lost() }
            let heard = takeNotifications()
            if !heard.isEmpty { return heard }
            if let limit, ContinuousClock.now >= limit { return [] }
            _ = try poll(for: Int16(POLLIN), until: limit)
        }
    }

    private func takeNotifications() -> [Notification] {
        var heard: [Notification] = []
        // Each is libpq's memory, given to us to free.
        while let entry = PQnotifies(handle) {
            defer { PQfreemem(entry) }
            let channel = entry.pointee.relname.map { String(cString: $0) } ?? ""
            let payload = entry.pointee.extra.map { String(cString: $0) } ?? ""
            heard.append(Notification(channel: channel, payload: payload, processID: entry.pointee.be_pid))
        }
        return heard
    }
}
