import Foundation

/// What runs in a data directory.
public struct ServicesStatus: Codable, Hashable, Sendable {
    /// The data directory that was asked for.
    public var directory: String
    /// Where the servers' state is: `directory/services`, or a place outside when the servers' users cannot enter `directory`.
    public var stateDirectory: String
    /// PostgreSQL, then RabbitMQ.
    public var services: [ServiceStatus]
    /// Whether a login works on both.
    public var isRunning: Bool { services.allSatisfy { $0.state == .running } }
}

/// One private server.
public struct ServiceStatus: Codable, Hashable, Sendable {
    public enum State: String, Codable, Hashable, Sendable {
        /// It lives and a login works.
        case running
        /// It lives, no login works yet, and it is younger than the deadline of a start.
        case starting
        /// It lives, no login works, and it is old enough that one should.
        case unresponsive
        /// Nothing runs and nothing is left behind.
        case stopped
        /// It died without being stopped; `up` cleans up and starts it again.
        case stale
    }

    public var name: ServiceName
    public var state: State
    /// What is wrong, where something is.
    public var detail: String?
    public var pid: Int32?
    /// `127.0.0.1:PORT`, or the Unix socket's path.
    public var address: String?
    public var dataDirectory: String
    public var logPath: String
    /// The server program's version, such as `15.14`.
    public var version: String?
    public var startedAt: Date?
    /// Disk blocks that the server's state takes, in bytes.
    public var diskBytes: Int64
}
