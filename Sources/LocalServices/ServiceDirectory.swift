import Foundation
import Glibc
import Logging

/// Where the private servers keep their state.
///
/// ```
/// DIRECTORY/                      0700, or 0711 when root made it: PostgreSQL and RabbitMQ run as others and must pass through
///   services/                     0700 or 0711   (elsewhere, named in DIRECTORY/services/location, when they cannot pass)
///     lock                        held by `up` and `down`
///     postgresql.json             0600  generated credentials
///     rabbitmq.json               0600  generated credentials, ports, node name
///     postgresql/                 ours; the server reads it
///       postgresql.conf pg_hba.conf   written anew at every start
///       data/ log/ run/           0700, the server's
///     rabbitmq/
///       rabbitmq.conf advanced.config enabled_plugins
///       home/ mnesia/ log/ run/   0700, the server's
/// ```
/// As root everything that root writes lies in directories that only root can write to; the servers' own directories are
/// only read, without following links.
struct ServiceDirectory: Hashable, Sendable {
    /// The data directory.
    let directory: String
    /// The directory named `services` above.
    let state: String

    var lockPath: String { directory + "/services/lock" }
    func record(of service: ServiceName) -> String { "\(state)/\(service.rawValue).json" }
    func home(of service: ServiceName) -> String { "\(state)/\(service.rawValue)" }

    /// Root's place for state whose data directory the servers' users cannot enter. Each entry's `owner` names the data directory;
    /// with that one gone, the entry can be removed after `down`.
    static let outside = "/var/lib/mvfleet-services"

    private static var isRoot: Bool { ServerAccount.current.userID == 0 }
    private static var passageMode: UInt32 { isRoot ? 0o711 : 0o700 }

    /// The directory as it is, without making anything. Nil where `up` has never run.
    static func existing(_ path: String) throws -> Self? {
        let directory = resolved(path)
        let inside = directory + "/services"
        guard SmallFile.isDirectory(inside) else {
            if let parent = SmallFile.owner(of: directory), parent.userID != ServerAccount.current.userID, !isRoot, access(directory, X_OK) != 0 {
                throw SmallFile.failure("cannot be entered", directory, EACCES)
            }
            return nil
        }
        guard access(inside, R_OK | X_OK) == 0 else { throw SmallFile.failure("cannot be entered", inside, errno) }
        return Self(directory: directory, state: try location(inside: inside, directory: directory) ?? inside)
    }

    /// Makes the data directory and `services` in it where they are missing, so that the lock can be taken.
    /// - Returns: the lock's path.
    static func makeLockable(_ path: String) throws -> String {
        try makeParents(of: path)
        if !SmallFile.isDirectory(resolved(path)) { try SmallFile.makeDirectory(path, mode: passageMode) }
        let directory = resolved(path)
        try SmallFile.makeDirectory(directory + "/services", mode: 0o700)
        return Self(directory: directory, state: "").lockPath
    }

    /// Chooses the place of the state if that has not been done yet. Only with the lock held.
    static func open(_ path: String, logger: Logger) throws -> Self {
        let directory = resolved(path)
        if let existing = try existing(directory), existing.state != directory + "/services" || SmallFile.exists(existing.record(of: .postgresql)) {
            try existing.checkPassage()
            return existing
        }
        let inside = directory + "/services"
        if isRoot, let closed = try closedDirectory(to: directory) {
            if closed == directory, try FileManager.default.contentsOfDirectory(atPath: directory).allSatisfy({ $0 == "services" }) {
                // Made for us and still empty, as by `mktemp -d`: opening it for passage gives nothing away.
                guard chmod(directory, 0o711) == 0 else { throw SmallFile.failure("cannot be given its mode", directory, errno) }
            }
            if let stillClosed = try closedDirectory(to: directory) {
                return try makeOutside(directory: directory, closed: stillClosed, logger: logger)
            }
        }
        guard chmod(inside, passageMode) == 0 else { throw SmallFile.failure("cannot be given its mode", inside, errno) }
        return Self(directory: directory, state: inside)
    }

    // MARK: State outside the data directory

    private static func makeOutside(directory: String, closed: String, logger: Logger) throws -> Self {
        let inside = directory + "/services"
        try SmallFile.makeDirectory(outside, mode: 0o711)
        let state = "\(outside)/\(UUID().uuidString.lowercased().prefix(13))"
        try SmallFile.makeDirectory(state, mode: 0o711)
        try SmallFile.replace(state + "/owner", with: directory + "\n", mode: 0o600)
        try SmallFile.replace(inside + "/location", with: state + "\n", mode: 0o600)
        logger.notice("private servers keep their state outside the data directory", metadata: [
            "services.directory": "\(directory)", "services.state": "\(state)", "services.closed": "\(closed)",
        ])
        return Self(directory: directory, state: state)
    }

    private static func location(inside: String, directory: String) throws -> String? {
        let pointer = inside + "/location"
        guard SmallFile.exists(pointer) else { return nil }
        let state = try line(of: pointer)
        guard state.hasPrefix(outside + "/"), !state.contains("/../"), SmallFile.isDirectory(state) else {
            throw ServiceError(.corrupt, "\(pointer) names \(state), which is not there; restore it, or remove \(inside) to start with empty servers")
        }
        let owner = try line(of: state + "/owner")
        if owner != directory {
            guard (try? line(of: owner + "/services/location")) != state else {
                throw ServiceError(.corrupt, "\(directory) is a copy of \(owner), and both name the servers in \(state); remove \(pointer) to give the copy servers of its own")
            }
            // The data directory was moved.
            try SmallFile.replace(state + "/owner", with: directory + "\n", mode: 0o600)
        }
        return state
    }

    private static func line(of path: String) throws -> String {
        try SmallFile.read(path, limit: 8192).trimmingCharacters(in: .newlines)
    }

    // MARK: Passage

    /// The first directory on the way that one of the servers' users cannot enter.
    private static func closedDirectory(to path: String) throws -> String? {
        for service in ServiceName.allCases {
            let account = try ServerAccount.running(service, state: path + "/services/\(service.rawValue)/data")
            if let closed = try account.firstClosedDirectory(to: path) { return closed }
        }
        return nil
    }

    private func checkPassage() throws {
        guard Self.isRoot, let closed = try Self.closedDirectory(to: state) else { return }
        throw ServiceError(.permission, "\(closed) can no longer be entered by the users that run the servers below it: chmod o+x \(closed)")
    }

    private static func makeParents(of path: String) throws {
        let parent = (path as NSString).deletingLastPathComponent
        guard !parent.isEmpty, !FileManager.default.fileExists(atPath: parent) else { return }
        try makeParents(of: parent)
        try SmallFile.makeDirectory(parent, mode: 0o755)
    }

    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }
}
