import LocalServices
import Testing

@Suite("Whether a recorded server still runs")
struct ServerSightingTests {
    private static let marker = ["-D", "/data"]

    private func process(_ change: (inout ProcessSnapshot) -> Void = { _ in }) throws -> ProcessSnapshot {
        // A line of /proc/PID/stat whose name tries to confuse.
        var process = try #require(ProcessSnapshot.parse(stat: "4711 (post) S 1 (gres) S 17 4700 4699 0 -1 4194304 99 0 0 0 0 0 0 0 20 0 1 0 159527 3133440 381"))
        process.userID = 101
        process.arguments = ["/usr/lib/postgresql/15/bin/postgres", "-D", "/data", "-c", "x"]
        change(&process)
        return process
    }

    private func judge(_ process: ProcessSnapshot?) -> ServerSighting {
        .judge(record: ProcessIdentity(pid: 4711, startTicks: 159_527), snapshot: process, marker: Self.marker, userID: 101)
    }

    @Test("Process number, parent, session and start time are read past a name with parentheses")
    func readsStat() throws {
        let process = try process()
        #expect(process.identity == ProcessIdentity(pid: 4711, startTicks: 159_527))
        #expect((process.state, process.parent, process.session) == ("S", 17, 4699))
        for broken in ["", "12", "x (y) S", "1 (a", "1 (a) S 1 1"] { #expect(ProcessSnapshot.parse(stat: broken) == nil) }
    }

    @Test("The process of the record is taken over")
    func alive() throws { #expect(try judge(process()) == .alive(process())) }

    @Test("A process that is just becoming the server, and has no command line for a moment, lives")
    func betweenPrograms() throws {
        for arguments in [[], [""]] {
            let process = try process { $0.arguments = arguments }
            #expect(judge(process) == .alive(process))
        }
    }

    @Test("A zombie is dead")
    func zombie() throws { #expect(try judge(process { $0.state = "Z" }) == .dead(pid: 4711)) }

    @Test("A later process with the same number is not the server, by start time, by command line or by user")
    func recycled() throws {
        #expect(try judge(process { $0.identity.startTicks += 1 }) == .dead(pid: 4711))
        #expect(try judge(process { $0.arguments = ["postgres", "-D", "/data2"] }) == .dead(pid: 4711))
        #expect(try judge(process { $0.arguments = ["-D"] }) == .dead(pid: 4711))
        #expect(try judge(process { $0.userID = 1000 }) == .dead(pid: 4711))
        #expect(judge(nil) == .dead(pid: 4711))
    }

    @Test("Without a record there was no server; a broken record is none")
    func record() {
        #expect(ServerSighting.judge(record: nil, snapshot: nil, marker: Self.marker, userID: 0) == .absent)
        #expect(DetachedServer.parse(record: "4711\n159527\n") == ProcessIdentity(pid: 4711, startTicks: 159_527))
        for broken in ["", "4711", "1\n5\n", "-4\n5\n", "a\nb\n", "4711\n-1\n", "4711\n1\n2\n"] { #expect(DetachedServer.parse(record: broken) == nil) }
    }
}
