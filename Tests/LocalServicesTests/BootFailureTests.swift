import LocalServices
import Testing

@Suite("Why a server did not start")
struct BootFailureTests {
    /// Lines as RabbitMQ 3.10.8 and PostgreSQL 15 print them.
    static let cases: [(ServiceName, String, ServiceError.Code, String)] = [
        (.rabbitmq, #"{failed_to_start_child,auth,{"Cookie file /d/home/.erlang.cookie must be accessible by owner only""#, .permission, "0400"),
        (.rabbitmq, #"{failed_to_start_child,prelaunch,{dist_port_already_used,21673,"mvfleet-x1","localhost"}}"#, .portTaken, "again"),
        (.rabbitmq, "Failed to start Ranch listener {acceptor,{127,0,0,1},21672}: eaddrinuse", .portTaken, "again"),
        (.rabbitmq, "{error,enospc}", .diskFull, "MVFLEET_DATA_DIR"),
        (.postgresql, "FATAL:  could not write lock file: No space left on device", .diskFull, "MVFLEET_DATA_DIR"),
        (.postgresql, "FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use", .startFailed, "again"),
        (.postgresql, "FATAL:  database files are incompatible with server", .configuration, "version"),
        (.postgresql, "FATAL:  could not map anonymous shared memory: Cannot allocate memory", .configuration, "memory"),
        (.postgresql, "FATAL:  could not open file: Permission denied", .permission, "/d"),
        (.postgresql, "something new", .startFailed, "log"),
    ]

    @Test("The log's own words become a cause and a remedy", arguments: cases)
    func explains(_ service: ServiceName, _ line: String, _ code: ServiceError.Code, _ word: String) {
        let error = BootFailure.explain(service, lines: ["first", line] + Array(repeating: "noise", count: 100), place: "/d", secrets: [])
        #expect(error.code == code)
        #expect(error.message.hasPrefix("\(service.title) did not start"))
        #expect(error.message.contains(word))
        #expect(error.cause?.isEmpty == false)
    }

    @Test("A secret in the log stays out of the error")
    func redacts() {
        let error = BootFailure.explain(.rabbitmq, lines: ["default_pass = abcdef"], place: "/d", secrets: ["abcdef", ""])
        #expect(!error.description.contains("abcdef"))
    }

    @Test("Quotes and backslashes of a path survive PostgreSQL's configuration")
    func quotes() { #expect(PostgreSQLSettings.quoted(#"/a'b\c"#) == #"'/a''b\\c'"#) }
}
