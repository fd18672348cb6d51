import Fleet
import FleetModel
import Foundation
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ChildProcessPoolTests {
    private typealias Request = ScriptedChild.Request
    private let request = Request(text: "what")

    private func code(_ body: () async throws -> ChildMessage) async -> FleetError.Code? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? FleetError)?.code
        }
    }

    /// A child that gives back what it is sent: asked for `ok` it says "completed", asked for `error` it says "failed".
    @Test func `a child's answer comes back, and so does its error`() async throws {
        let pool = ChildProcessPool(.init(executable: "/bin/cat", arguments: [], environment: [:], size: 1))
        let answer = try await pool.ask("ok", request, about: "a.mp4", within: .seconds(30))
        #expect(answer == ChildMessage(json: #"{"text":"what"}"#))
        let error = FleetError("video.no_stream", "a.mp4 has no pictures", isRetriable: true)
        await #expect(throws: error) { try await pool.ask("error", error, about: "a.mp4", within: .seconds(30)) }
        #expect(await code { try await pool.ask("other", request, about: "a.mp4", within: .seconds(30)) } == "child.garbled")
    }

    @Test(arguments: [
        ("exit 3", "child.died"), ("kill -SEGV $$", "child.died"), ("exec /bin/sleep 600", "child.time_limit"),
        (#"printf '\377\377\377\377'; exec /bin/sleep 600"#, "child.garbled"),
        (#"printf '\001\000\000\000\377\377\377\177'; exec /bin/sleep 600"#, "child.garbled"),
    ])
    func `each bad end has its own code, and the next child answers`(fault: String, expected: String) async throws {
        try await ScriptedChild.with { children in
            let pool = children.poolWhoseFirstChild(fault)
            // Long enough for a busy machine to start the shell, except where nothing else is waited for.
            let limit: Duration = expected == "child.time_limit" ? .milliseconds(300) : .seconds(30)
            do {
                _ = try await pool.ask("ok", request, about: "a.mp4", within: limit)
                Issue.record("the first child answered")
            } catch let error as FleetError {
                #expect(error.code.rawValue == expected)
                #expect(error.message.contains("a.mp4"))
                // A decoder may have died of a machine short of memory; an answer that does not read comes again.
                #expect(error.isRetriable == (expected != "child.garbled"))
            }
            // At a time limit the shell may not have come so far as to be the first.
            if expected == "child.time_limit" { try? FileManager.default.createDirectory(atPath: children.directory + "/first", withIntermediateDirectories: true) }
            #expect(try await pool.ask("ok", request, about: "b.mp4", within: .seconds(30)).json == #"{"text":"what"}"#)
        }
    }

    @Test func `idle children are gone when they have been ended, and the next question starts another`() async throws {
        try await ScriptedChild.with { children in
            let pool = children.pool("exec /bin/cat")
            _ = try await pool.ask("ok", request, about: "a.mp4", within: .seconds(30))
            await pool.endIdleChildren()
            // Reaped, not only killed: nothing has this number any more.
            for pid in children.started { #expect(kill(pid, 0) == -1 && errno == ESRCH) }
            #expect(children.started.count == 1)
            _ = try await pool.ask("ok", request, about: "b.mp4", within: .seconds(30))
            #expect(children.started.count == 2)
        }
    }

    @Test func `how a child died is said`() async throws {
        let pool = ChildProcessPool(.init(executable: "/bin/false", arguments: [], environment: [:], size: 1))
        await #expect { try await pool.ask("ok", request, about: "a.mp4", within: .seconds(30)) } throws: { "\($0)".contains("exit status 1") }
    }

    @Test func `a program that is not there is a passing error of the machine`() async throws {
        let pool = ChildProcessPool(.init(executable: "/no/such/program", arguments: [], environment: [:], size: 1))
        await #expect { try await pool.ask("ok", request, about: "a.mp4", within: .seconds(30)) } throws: { error in
            let error = error as? FleetError
            return error?.code == "child.start" && error?.isRetriable == true
        }
    }

    @Test func `cancellation kills the child at once`() async throws {
        try await ScriptedChild.with { children in
            let pool = children.pool("exec /bin/sleep 600")
            let asking = Task { try await pool.ask("ok", request, about: "a.mp4", within: .seconds(600)) }
            await waitUntil { children.started.count == 1 }
            asking.cancel()
            await #expect(throws: CancellationError.self) { try await asking.value }
            let child = try #require(children.started.first)
            await waitUntil { kill(child, 0) == -1 }
        }
    }

    @Test func `no more children live than the pool's size, and they are used again`() async throws {
        try await ScriptedChild.with { children in
            let pool = children.pool("exec /bin/cat", size: 3)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<60 { group.addTask { _ = try await pool.ask("ok", request, about: "a.mp4", within: .seconds(50)) } }
                try await group.waitForAll()
            }
            #expect((1...3).contains(children.started.count))
        }
    }

    @Test func `a child is replaced after so many requests`() async throws {
        try await ScriptedChild.with { children in
            let pool = children.pool("exec /bin/cat", requestsPerChild: 2)
            for _ in 0..<6 { _ = try await pool.ask("ok", request, about: "a.mp4", within: .seconds(30)) }
            #expect(children.started.count == 3)
        }
    }

    /// A driver that ends its process on a file does not end the file's work.
    @Test func `where a child died, one with the spare arguments is asked, and the next request is for the usual kind again`() async throws {
        try await ScriptedChild.with { children in
            let script = "/bin/mkdir \"$1/$$\"; [ \"$2\" = spare ] && exec /bin/cat; exit 3"
            let pool = ChildProcessPool(.init(executable: "/bin/sh", arguments: ["-c", script, "sh", children.directory], environment: [:], size: 1,
                                              spareArguments: ["-c", script, "sh", children.directory, "spare"]))
            for round in 1...3 {
                let answer = try await pool.ask("ok", request, about: "a.mp4", within: .seconds(30))
                #expect(answer.json == #"{"text":"what"}"# && children.started.count == 2 * round)
            }
        }
    }

    /// The next clip does not die of it, and neither does the worker: a write to a dead child's pipe would raise SIGPIPE.
    @Test func `a child that died while idle is not asked again`() async throws {
        try await ScriptedChild.with { children in
            let length = ChildMessage(json: #"{"text":"what"}"#, attachments: [Array("ok".utf8)]).encoded().count
            let pool = children.pool("exec /usr/bin/head -c \(length)")
            for round in 1...3 {
                _ = try await pool.ask("ok", request, about: "a.mp4", within: .seconds(30))
                #expect(children.started.count == round)
                await waitUntil { children.started.allSatisfy { hasEnded($0) } }
            }
        }
    }

    @Test func `a child gets no environment but what it is given`() async throws {
        try await ScriptedChild.with { children in
            let pool = children.pool("/usr/bin/env > \"$1/environment\"; exec /bin/cat")
            _ = try await pool.ask("ok", request, about: "a.mp4", within: .seconds(30))
            let lines = try String(contentsOfFile: children.directory + "/environment", encoding: .utf8).split(separator: "\n")
            // The shell itself sets these.
            #expect(lines.allSatisfy { ["PWD", "OLDPWD", "SHLVL", "_"].contains($0.prefix { $0 != "=" }) })
        }
    }

    /// Gone, or dead and not yet reaped by the pool.
    private func hasEnded(_ pid: pid_t) -> Bool {
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return true }
        return stat.contains(") Z ")
    }
}
