import ChatCompletions
import ChatServerDouble
import NIOCore
import Testing

@Suite("The client, judged by llmock", .serialized, .timeLimit(.minutes(3)), .enabled(if: LLMock.program != nil, "MVFLEET_TEST_LLMOCK names no llmock program"))
struct LLMockTests {
    /// The usual waits, which outlast what a busy server still sends of a stream that was given up; repetitions enough that no request ends with a fault by chance.
    static func client(_ mock: LLMock, gate: (any AttemptGate)? = nil) throws -> ChatClient {
        var options = ChatClientOptions()
        options.retries = RequestRetryPolicy(maximumRetries: 9, firstDelay: .milliseconds(500), longestDelay: .seconds(20))
        options.stallLimit = .seconds(2)
        return try ChatClient(endpoints: [.named(url: mock.url, key: "sk-llmock-test")], options: options, gate: gate)
    }

    /// Asks that many at once.
    ///
    /// - Returns: the answers, or the errors.
    static func ask(_ count: Int, of client: ChatClient, streams: Bool, images: Int = 0) async -> [Result<ChatAnswer, ChatError>] {
        let listen: (@Sendable (String) -> Void)? = streams ? ClientFixture.deaf : nil
        return await withTaskGroup(of: Result<ChatAnswer, ChatError>.self) { group in
            for number in 0..<count {
                group.addTask {
                    let request = ChatRequest.asking("request \(number)", images: images, schema: .caption)
                    do throws(ChatError) {
                        return .success(try await client.complete(request, deadline: .seconds(120), onText: listen))
                    } catch { return .failure(error) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    static func expectAnswers(_ results: [Result<ChatAnswer, ChatError>]) throws {
        for result in results {
            let answer = try result.get()
            #expect(answer.finishReason == "stop")
            #expect(answer.usage != nil)
            let frames = try JSONValue(answer.text)["frames"]?.items
            #expect(frames?.count == 2)
            #expect(frames?.allSatisfy { ($0.integer ?? 0) >= 3 } == true)
        }
    }

    /// Where a client is to stop reading, pieces come with pauses: llmock sees a connection's end only between two of them, and takes a stream that it
    /// could write to its end at once for one that was read.
    @Test("Under each kind of fault every request has its answer, and llmock has no complaint", arguments: [
        ([], false), ([], true), (["--error-rate", "500=0.1", "--error-rate", "503=0.05", "--error-rate", "429=0.05"], false), (["--error-rate", "500=0.2"], true),
        (["--stream-fault", "disconnect=0.2"], true), (["--stream-fault", "truncate=0.2"], true), (["--stream-fault", "malformed=0.2", "--stream-chunk-delay-ms", "300"], true),
        (["--stream-fault", "stall=0.2", "--stream-stall-seconds", "20"], true),
        (["--error-rate", "500=0.1", "--stream-fault", "disconnect=0.05", "--stream-fault", "truncate=0.05", "--stream-fault", "malformed=0.05", "--stream-chunk-delay-ms", "300", "--stream-fault", "stall=0.05", "--stream-stall-seconds", "20"], true),
    ])
    func faults(_ arguments: [String], _ streams: Bool) async throws {
        let verdict = try await LLMock.with(arguments) { mock in
            let client = try Self.client(mock)
            let results = await Self.ask(60, of: client, streams: streams, images: 2)
            await client.shutdown()
            try Self.expectAnswers(results)
        }
        #expect(verdict.status == 0, "\(verdict.report)")
    }

    @Test("Limits of requests and tokens are waited for as the server says", arguments: [["--rpm", "600"], ["--tpm", "60000"]])
    func limits(_ arguments: [String]) async throws {
        let verdict = try await LLMock.with(arguments) { mock in
            let client = try Self.client(mock)
            // A few more than the full allowance: without a gate all wait for the same moment, and the last to have its turn has asked for each before it.
            let results = await Self.ask(arguments[0] == "--rpm" ? 606 : 138, of: client, streams: false)
            await client.shutdown()
            try Self.expectAnswers(results)
        }
        #expect(verdict.status == 0, "\(verdict.report)")
    }

    @Test("What cannot succeed is asked once", arguments: [(400, ChatError.Code.rejected), (401, .unauthorized), (404, .modelNotFound)])
    func permanent(_ status: Int, _ code: ChatError.Code) async throws {
        let verdict = try await LLMock.with(["--error-rate", "\(status)=1.0"]) { mock in
            let client = try Self.client(mock)
            let results = await Self.ask(5, of: client, streams: false)
            await client.shutdown()
            for result in results { #expect { try result.get() } throws: { ($0 as? ChatError)?.code == code } }
        }
        #expect(verdict.status == 0, "\(verdict.report)")
    }

    @Test("A prompt that is too long is known for what it is")
    func context() async throws {
        _ = try await LLMock.with(["--context-window", "1"]) { mock in
            let client = try Self.client(mock)
            let results = await Self.ask(1, of: client, streams: false)
            await client.shutdown()
            #expect { try results[0].get() } throws: { ($0 as? ChatError)?.code == .contextLength }
        }
    }

    @Test("Its batches are read as ours")
    func batches() async throws {
        _ = try await LLMock.with([]) { mock in
            let client = try Self.client(mock)
            do {
                let batches = try #require(client.batches(at: "main")), content = try await BatchTests.lines(["a", "b", "c"], at: batches.endpoint)
                let file = try await batches.upload(name: "x.jsonl", byteCount: content.parts.reduce(0) { $0 + $1.readableBytes }, content: content)
                var batch = try await batches.create(inputFileID: file.id, metadata: ["job": "1"])
                while !batch.status.isOver { batch = try await batches.retrieve(batch.id) }
                #expect(batch.status == .completed)
                #expect(batch.metadata == ["job": "1"])
                let results = try await BatchTests.results(batches, batch.outputFileID)
                #expect(results.map(\.id) == ["a", "b", "c"])
                for (_, result) in results { #expect(try result.get().usage != nil) }
                try await batches.delete(fileID: file.id)
            } catch {
                await client.shutdown()
                throw error
            }
            await client.shutdown()
        }
    }
}
