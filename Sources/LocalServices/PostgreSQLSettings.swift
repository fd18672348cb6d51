import Foundation

/// The configuration of the private PostgreSQL: a job store of one machine, in which an acknowledged task must survive a power cut.
package struct PostgreSQLSettings: Sendable {
    /// Part of the socket's name; nothing listens on TCP.
    static let port = 5432

    var home: String
    var socketDirectory: String

    func write(account: ServerAccount) throws {
        let mode: UInt32 = account.isCurrentUser ? 0o600 : 0o640
        let owner = account.isCurrentUser ? nil : ServerAccount(name: account.name, userID: 0, groupID: account.groupID, isCurrentUser: false)
        try SmallFile.replace(home + "/postgresql.conf", with: configuration, mode: mode, owner: owner)
        try SmallFile.replace(home + "/pg_hba.conf", with: "# Written by mvfleet at every start.\nlocal all all scram-sha-256\n", mode: mode, owner: owner)
        try SmallFile.replace(home + "/pg_ident.conf", with: "# Written by mvfleet at every start.\n", mode: mode, owner: owner)
    }

    var configuration: String {
        """
        # Written by mvfleet at every start.
        listen_addresses = ''
        port = \(Self.port)
        unix_socket_directories = \(Self.quoted("\"\(socketDirectory)\""))
        unix_socket_permissions = 0700
        hba_file = \(Self.quoted(home + "/pg_hba.conf"))
        ident_file = \(Self.quoted(home + "/pg_ident.conf"))
        max_connections = 100
        password_encryption = 'scram-sha-256'

        # Memory: modest, and without the huge pages that some containers only promise.
        shared_buffers = 256MB
        effective_cache_size = 1GB
        work_mem = 16MB
        maintenance_work_mem = 128MB
        huge_pages = off
        max_parallel_workers_per_gather = 0
        jit = off

        # What is committed stays.
        fsync = on
        synchronous_commit = on
        full_page_writes = on
        wal_compression = on
        min_wal_size = 128MB
        max_wal_size = 2GB
        checkpoint_timeout = 15min
        checkpoint_completion_target = 0.9
        random_page_cost = 1.1

        # A client that hangs in a transaction holds back vacuum; one that is gone holds its locks.
        idle_in_transaction_session_timeout = 60s
        client_connection_check_interval = 10s

        # Queue tables are small and change all the time.
        autovacuum = on
        autovacuum_naptime = 10s
        autovacuum_max_workers = 3
        autovacuum_vacuum_scale_factor = 0.05
        autovacuum_vacuum_cost_delay = 1ms

        logging_collector = off
        log_destination = 'stderr'
        log_line_prefix = '%m [%p] '
        log_min_messages = warning
        log_checkpoints = off
        log_autovacuum_min_duration = -1
        log_parameter_max_length_on_error = 0
        timezone = 'UTC'
        log_timezone = 'UTC'
        lc_messages = 'C'

        """
    }

    /// A string in a configuration file, in which backslashes escape and quotes are doubled.
    package static func quoted(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "''") + "'"
    }
}
