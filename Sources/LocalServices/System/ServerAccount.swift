import Foundation
import Glibc

/// Who a server runs as. PostgreSQL refuses root, and RabbitMQ has no business with its rights.
struct ServerAccount: Hashable, Sendable {
    var name: String
    var userID: UInt32
    var groupID: UInt32
    /// Whether it is the user of this process, so that nothing has to change.
    var isCurrentUser: Bool

    static var current: Self {
        Self(name: "user \(geteuid())", userID: geteuid(), groupID: getegid(), isCurrentUser: true)
    }

    /// The arguments that run a program as this account.
    func command(_ arguments: [String]) -> [String] {
        if isCurrentUser { return arguments }
        return ["/usr/bin/setpriv", "--reuid=\(userID)", "--regid=\(groupID)", "--clear-groups", "--inh-caps=-all", "--"] + arguments
    }

    /// Who runs a server whose state is, or will be, in `state`.
    ///
    /// A normal user runs it alone. Root gives it to whom the state belongs already, else to the account that the server's package has made.
    static func running(_ service: ServiceName, state: String) throws -> Self {
        guard geteuid() == 0 else { return current }
        guard access("/usr/bin/setpriv", X_OK) == 0 else {
            throw ServiceError(.notInstalled, "/usr/bin/setpriv, with which root runs \(service.title) as another user, is missing: apt-get install util-linux")
        }
        if let owner = SmallFile.owner(of: state), owner.userID != 0 {
            return Self(name: "user \(owner.userID)", userID: owner.userID, groupID: owner.groupID, isCurrentUser: false)
        }
        let usual = service == .postgresql ? "postgres" : "rabbitmq"
        guard let account = named(usual) ?? named("mvfleet") else {
            throw ServiceError(.configuration, "root runs \(service.title) as the user \(usual), who does not exist here: useradd --system \(usual)")
        }
        return account
    }

    static func named(_ name: String) -> Self? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var strings = [CChar](repeating: 0, count: 16 << 10)
        // `entry` points into `strings`; only its numbers are kept.
        guard getpwnam_r(name, &entry, &strings, strings.count, &found) == 0, found != nil, entry.pw_uid != 0 else { return nil }
        return Self(name: name, userID: entry.pw_uid, groupID: entry.pw_gid, isCurrentUser: false)
    }

    /// The first directory on the way to `path` that the account cannot enter.
    func firstClosedDirectory(to path: String) throws -> String? {
        var ancestors = [path]
        while let last = ancestors.last, last != "/", last != "" { ancestors.append((last as NSString).deletingLastPathComponent) }
        let script = #"for d; do cd "$d" 2>/dev/null || { printf %s "$d"; exit 3; }; done"#
        let ending = try ChildProcess(arguments: command(["/bin/sh", "-c", script, "sh"] + ancestors.reversed())).run(within: .seconds(10))
        switch ending.status {
        case 0: return nil
        case 3: return ending.output
        default: throw ServiceError(.permission, "no program can be started as \(name)", cause: ending.output)
        }
    }
}
