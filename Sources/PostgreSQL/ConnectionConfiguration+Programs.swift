extension ConnectionConfiguration {
    /// What PostgreSQL's own programs need to reach the same server, as a conninfo string: an argument that everybody may read, so without secrets.
    public var conninfoWithoutSecrets: String {
        keywords.filter { !Self.secrets.contains($0.name) }.map { keyword in
            let value = keyword.value.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
            return "\(keyword.name)='\(value)'"
        }.joined(separator: " ")
    }

    /// The line of a password file (`PGPASSFILE`) that opens this server. Nil where the string named no password: libpq looks in the environment and in `~/.pgpass`.
    public var passwordFileLine: String? {
        keywords.first { $0.name == "password" && !$0.value.isEmpty }.map {
            "*:*:*:*:" + $0.value.replacing("\\", with: "\\\\").replacing(":", with: "\\:") + "\n"
        }
    }

    private static let secrets: Set<String> = ["password", "sslpassword"]
}
