import Foundation

extension LocalServices {
    /// A log is begun anew when it is larger; one older log is kept. RabbitMQ turns its own log over by the same size.
    public static let logLimit = 10 << 20

    /// Bounds the logs that the servers' standard output is appended to, whether they run or not: each is copied aside and emptied. The servers go on writing, at its
    /// new end. What a server says in the moment between is lost.
    ///
    /// Cheap where there is nothing to do. Call it every minute where something uses the servers: an idle server says nothing.
    /// - Returns: logs that were begun anew.
    /// - Throws: `ServiceError`.
    @discardableResult
    public func trimLogs() async throws -> [String] {
        let (path, configuration) = (directory, configuration)
        return try await onOwnThread {
            guard let place = try ServiceDirectory.existing(path), SmallFile.exists(place.record(of: .postgresql)), SmallFile.exists(place.record(of: .rabbitmq)) else { return [] }
            let broker = try Self.rabbitmq(place, configuration)
            let servers = [try Self.postgresql(place, configuration).server, broker.server, broker.nameService]
            return try servers.filter { SmallFile.size(of: $0.logPath) > Self.logLimit }.map { try $0.trimLog() }
        }
    }
}

extension DetachedServer {
    /// As the server's user, so that root follows nothing that that user put there.
    func trimLog() throws -> String {
        let ending = try ChildProcess(arguments: account.command(["/bin/sh", "-c", #"umask 077; cp -- "$1" "$1.1" && : > "$1""#, "sh", logPath])).run(within: .seconds(30))
        guard ending.status == 0, !ending.timedOut else {
            throw ServiceError(.permission, "\(logPath) is above \(LocalServices.logLimit >> 20) MiB and cannot be begun anew by \(account.name): see whether its disk is full", cause: ending.output)
        }
        return logPath
    }
}
