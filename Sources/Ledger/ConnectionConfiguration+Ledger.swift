import PostgreSQL

extension ConnectionConfiguration {
    /// How every process of the fleet connects to the ledger's database.
    ///
    /// - Parameter idleLimit: a transaction in which nothing happens for so long is ended by the server: one that is forgotten would hold back the event stream of
    ///   everybody, and vacuum (hazard 11); one of a worker that was frozen while it settled would keep its tasks from the sweeper.
    public static func ledger(_ conninfo: String, applicationName: String, idleLimit: Duration = .seconds(20)) throws -> ConnectionConfiguration {
        var configuration = try ConnectionConfiguration(conninfo, applicationName: applicationName)
        configuration.settings["idle_in_transaction_session_timeout"] = "\(idleLimit.wholeMilliseconds)ms"
        return configuration
    }
}
