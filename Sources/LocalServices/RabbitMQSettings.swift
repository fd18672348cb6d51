import Foundation
import Glibc

/// The configuration and the environment of the private RabbitMQ.
struct RabbitMQSettings: Sendable {
    var home: String
    var record: RabbitMQRecord
    var programs: RabbitMQPrograms

    func write(account: ServerAccount) throws {
        let mode: UInt32 = account.isCurrentUser ? 0o600 : 0o640
        let owner = account.isCurrentUser ? nil : ServerAccount(name: account.name, userID: 0, groupID: account.groupID, isCurrentUser: false)
        try SmallFile.replace(home + "/rabbitmq.conf", with: configuration, mode: mode, owner: owner)
        try SmallFile.replace(home + "/advanced.config", with: "[].\n", mode: mode, owner: owner)
        try SmallFile.replace(home + "/enabled_plugins", with: "[].\n", mode: mode, owner: owner)
    }

    /// `default_*` make the only user, when the database is new; there is never a `guest`.
    var configuration: String {
        """
        # Written by mvfleet at every start.
        listeners.tcp.1 = 127.0.0.1:\(record.ports.amqp)
        listeners.ssl = none
        loopback_users.mvfleet = true
        default_vhost = mvfleet
        default_user = mvfleet
        default_pass = \(record.password)
        default_user_tags.administrator = true
        default_permissions.configure = .*
        default_permissions.read = .*
        default_permissions.write = .*
        heartbeat = 30
        # A stage may hold its deliveries for an hour; the default of 30 minutes would close its channel.
        consumer_timeout = 7200000
        # Quorum queues hold up to three of these logs in memory: with the default of 512 MiB a backlog raises the memory alarm.
        raft.wal_max_size_bytes = 128000000
        vm_memory_high_watermark.absolute = 1GB
        disk_free_limit.absolute = 200MB
        log.console = false
        log.file.level = info
        log.file.rotation.size = \(LocalServices.logLimit)
        log.file.rotation.count = 3

        """
    }

    /// All of it: Debian's own configuration in /etc/rabbitmq and the caller's environment must not leak in. Holds no secret.
    var environment: [String: String] {
        [
            "PATH": "\(programs.erlang):/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": home + "/home",
            "LC_ALL": "C.UTF-8",
            // The script then becomes the node instead of watching over it, so that the pid and the signals are the node's.
            "RUNNING_UNDER_SYSTEMD": "true",
            "RABBITMQ_NODENAME": record.nodeName,
            "RABBITMQ_USE_LONGNAME": "false",
            "RABBITMQ_CONFIG_FILE": home + "/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": home + "/advanced.config",
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE": home + "/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": home + "/mnesia",
            "RABBITMQ_LOG_BASE": home + "/log",
            "RABBITMQ_LOGS": home + "/log/rabbitmq.log",
            "RABBITMQ_PID_FILE": home + "/run/node.pid",
            "RABBITMQ_DIST_PORT": String(record.ports.distribution),
            "ERL_EPMD_PORT": String(record.ports.nameService),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            // For every Erlang that the scripts start, not only the server.
            "ERL_AFLAGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_CRASH_DUMP": home + "/log/erl_crash.dump",
            "ERL_CRASH_DUMP_BYTES": "4194304",
            // An idle node must not spin.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none",
        ]
    }
}

/// The secret that Erlang nodes show each other. Made here, because Erlang derives its own from the date.
struct RabbitMQCookie: Sendable {
    /// HOME of the server.
    var home: String
    var account: ServerAccount

    var path: String { home + "/.erlang.cookie" }

    func ensure(_ randomNumber: () -> UInt64) throws {
        if let owner = SmallFile.owner(of: path) {
            guard owner.userID == account.userID, owner.mode & 0o077 == 0, owner.mode & 0o400 != 0, owner.mode & UInt32(S_IFMT) == UInt32(S_IFREG) else {
                throw ServiceError(.permission, "the Erlang cookie \(path) must be a file of \(account.name) that nobody else can read, or RabbitMQ does not start: chown \(account.userID) \(path) && chmod 400 \(path)")
            }
            return
        }
        let script = #"umask 077; cat > "$1.new" && chmod 400 "$1.new" && mv -f "$1.new" "$1""#
        let ending = try ChildProcess(arguments: account.command(["/bin/sh", "-c", script, "sh", path]), input: Secret.make(randomNumber)).run(within: .seconds(10))
        guard ending.status == 0 else { throw ServiceError(.permission, "the Erlang cookie \(path) cannot be written by \(account.name)", cause: ending.output) }
    }
}

enum Secret {
    /// 192 bits as 48 hexadecimal digits, which need no quoting anywhere.
    static func make(_ randomNumber: () -> UInt64) -> String {
        (0 ..< 3).map { _ in
            let digits = String(randomNumber(), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

/// Where RabbitMQ's and Erlang's programs are.
struct RabbitMQPrograms: Hashable, Sendable {
    /// Holds `rabbitmq-server`: not Debian's wrapper in /usr/sbin, which insists on a user and a directory.
    var directory: String
    /// Holds `erl` and `epmd`.
    var erlang: String

    var server: String { directory + "/rabbitmq-server" }
    var nameService: String { erlang + "/epmd" }

    static func find(configured: String?, erlang: String?) throws -> Self {
        let directory = configured ?? "/usr/lib/rabbitmq/bin"
        let programs = Self(directory: directory, erlang: erlang ?? ["/usr/bin", "/usr/local/bin", "/usr/lib/erlang/bin"].first { access($0 + "/epmd", X_OK) == 0 } ?? "/usr/bin")
        guard access(programs.server, X_OK) == 0 else {
            throw ServiceError(.notInstalled, "RabbitMQ is not installed (no \(programs.server)): apt-get install rabbitmq-server postgresql, or scripts/install-dependencies; or point MVFLEET_AMQP_URL at an existing server")
        }
        guard access(programs.nameService, X_OK) == 0, access(programs.erlang + "/erl", X_OK) == 0 else {
            throw ServiceError(.notInstalled, "Erlang is not installed (no erl and epmd in \(programs.erlang)): apt-get install rabbitmq-server, which brings it")
        }
        return programs
    }

    /// Such as `3.10.8`: the scripts live below a directory named after it.
    func version() -> String? {
        let real = URL(fileURLWithPath: server).resolvingSymlinksInPath().pathComponents
        let library = (try? FileManager.default.contentsOfDirectory(atPath: (directory as NSString).deletingLastPathComponent + "/lib")) ?? []
        return (real + library.sorted(by: >)).first { $0.hasPrefix("rabbitmq_server-") }.map { String($0.dropFirst("rabbitmq_server-".count)) }
    }
}
