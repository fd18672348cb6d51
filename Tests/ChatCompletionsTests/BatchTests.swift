import ChatCompletions
import ChatServerDouble
import NIOCore
import Testing

@Suite("Batches against a server", .timeLimit(.minutes(1)))
struct BatchTests {
    /// Buffers as a content to upload.
    struct Parts: AsyncSequence, Sendable {
        typealias Element = ByteBuffer
        let parts: [ByteBuffer]

        func makeAsyncIterator() -> Iterator { Iterator(parts: parts[...]) }

        struct Iterator: AsyncIteratorProtocol {
            var parts: ArraySlice<ByteBuffer>
            mutating func next() async -> ByteBuffer? { parts.popFirst() }
        }
    }

    static func lines(_ ids: [String], at endpoint: Endpoint) async throws -> Parts {
        var parts: [ByteBuffer] = []
        for id in ids { parts.append(try await ChatRequest.asking("about \(id)", images: 1, schema: .caption).batchLine(customID: id, for: endpoint).collect()) }
        return Parts(parts: parts)
    }

    /// Uploads and starts a batch, and looks at it until it is over.
    static func run(_ ids: [String], _ fixture: ClientFixture) async throws -> (BatchClient, RemoteBatch) {
        let batches = try #require(fixture.client.batches(at: "main")), content = try await lines(ids, at: batches.endpoint)
        let bytes = content.parts.reduce(0) { $0 + $1.readableBytes }
        let file = try await batches.upload(name: "job-1.jsonl", byteCount: bytes, content: content)
        #expect(file.byteCount == bytes)
        #expect(file.name == "job-1.jsonl")
        var batch = try await batches.create(inputFileID: file.id, metadata: ["mvfleet": "job-1"])
        var states: [RemoteBatch.Status] = [batch.status]
        while !batch.status.isOver {
            batch = try await batches.retrieve(batch.id)
            if states.last != batch.status { states.append(batch.status) }
        }
        #expect(Array(states.prefix(1)) == [.validating])
        return (batches, batch)
    }

    static func results(_ batches: BatchClient, _ file: String?) async throws -> [(id: String?, result: Result<ChatAnswer, ChatError>)] {
        let lines = Collected<BatchLine>()
        if let file { try await batches.lines(ofFile: file, model: "gpt-4o-mini") { lines.append($0) } }
        return lines.all.map { ($0.customID, $0.result) }
    }

    @Test("Every line is answered; files are found, read and deleted")
    func completes() async throws {
        try await ChatServerDouble.with { server in
            try await ClientFixture.with(server) { fixture in
                let (batches, batch) = try await Self.run(["a", "b", "c"], fixture)
                #expect(batch.status == .completed)
                #expect((batch.total, batch.completed, batch.failed) == (3, 3, 0))
                #expect(batch.metadata == ["mvfleet": "job-1"])
                #expect(batch.errorFileID == nil)
                let results = try await Self.results(batches, batch.outputFileID)
                #expect(results.map(\.id) == ["a", "b", "c"])
                for (_, result) in results { #expect(try JSONValue(result.get().text)["frames"]?.items?.count == 2) }
                #expect(try await batches.list().map(\.id) == [batch.id])
                #expect(try await batches.files().map(\.name) == ["job-1.jsonl"])
                for file in [batch.inputFileID, batch.outputFileID].compactMap({ $0 }) {
                    try await batches.delete(fileID: file)
                    try await batches.delete(fileID: file)
                }
                #expect(server.fileIDs.isEmpty)
                #expect(server.counts.batchLines == 3)
            }
        }
    }

    @Test("Half the price")
    func price() async throws {
        try await ChatServerDouble.with(.behaving { _ in Behaviour(text: "same") }) { server in
            try await ClientFixture.with(server) { fixture in
                _ = try await fixture.ask(.asking("about a", images: 1, schema: .caption))
                let single = server.counts.nanoDollars
                _ = try await Self.run(["a"], fixture)
                #expect(server.counts.nanoDollars - single == single / 2)
            }
        }
    }

    @Test("Good lines of a batch with refused, missing, doubled and re-ordered ones")
    func faults() async throws {
        var settings = DoubleSettings()
        settings.batch.isReversed = true
        settings.batch.fault = { ["b": .error(400, code: "context_length_exceeded"), "c": .missing, "d": .twice][$0] }
        try await ChatServerDouble.with(settings) { server in
            try await ClientFixture.with(server) { fixture in
                let (batches, batch) = try await Self.run(["a", "b", "c", "d"], fixture)
                let good = try await Self.results(batches, batch.outputFileID), bad = try await Self.results(batches, batch.errorFileID)
                #expect(good.map(\.id) == ["d", "d", "a"])
                #expect(bad.map(\.id) == ["b"])
                guard case .failure(let error)? = bad.first?.result else { throw ChatError(.malformedAnswer, "an answer in the error file") }
                #expect(error.code == .contextLength)
            }
        }
    }

    @Test("A batch that expired keeps its good lines; the others may be sent again", arguments: [false, true])
    func expires(_ isEmpty: Bool) async throws {
        var settings = DoubleSettings()
        settings.batch.ending = .expired(after: isEmpty ? 0 : 2)
        settings.batch.namesMissingFilesEmpty = true
        try await ChatServerDouble.with(settings) { server in
            try await ClientFixture.with(server) { fixture in
                let (batches, batch) = try await Self.run(["a", "b", "c"], fixture)
                #expect(batch.status == .expired)
                #expect((batch.outputFileID == nil) == isEmpty)
                let bad = try await Self.results(batches, batch.errorFileID)
                #expect(bad.map(\.id) == (isEmpty ? ["a", "b", "c"] : ["c"]))
                for (_, result) in bad {
                    guard case .failure(let error) = result else { throw ChatError(.malformedAnswer, "an answer in the error file") }
                    #expect(error.code == .batchEnded)
                    #expect(error.isRetriable)
                }
            }
        }
    }

    @Test("A batch that is found wrong says why: two lines of one id")
    func invalid() async throws {
        try await ChatServerDouble.with { server in
            try await ClientFixture.with(server) { fixture in
                let (_, batch) = try await Self.run(["a", "b", "a"], fixture)
                #expect(batch.status == .failed)
                #expect(batch.problems.first?.code == "duplicate_custom_id")
                #expect(batch.problems.first?.line == 3)
                #expect(server.counts.batchLines == 0)
            }
        }
    }

    @Test("A cancelled batch ends with what was done by then")
    func cancels() async throws {
        try await ChatServerDouble.with { server in
            try await ClientFixture.with(server) { fixture in
                let batches = try #require(fixture.client.batches(at: "main")), content = try await Self.lines(["a", "b"], at: batches.endpoint)
                let file = try await batches.upload(name: "x", byteCount: content.parts.reduce(0) { $0 + $1.readableBytes }, content: content)
                var batch = try await batches.create(inputFileID: file.id, metadata: [:])
                while batch.status != .inProgress { batch = try await batches.retrieve(batch.id) }
                #expect(try await batches.cancel(batch.id).status == .cancelling)
                while !batch.status.isOver { batch = try await batches.retrieve(batch.id) }
                #expect(batch.status == .cancelled)
                #expect(try await Self.results(batches, batch.outputFileID).map(\.id) == ["a"])
                #expect(try await Self.results(batches, batch.errorFileID).map(\.id) == ["b"])
            }
        }
    }

    @Test("All batches are listed, page by page")
    func pages() async throws {
        try await ChatServerDouble.with { server in
            try await ClientFixture.with(server) { fixture in
                let batches = try #require(fixture.client.batches(at: "main")), content = try await Self.lines(["a"], at: batches.endpoint)
                let file = try await batches.upload(name: "x", byteCount: content.parts[0].readableBytes, content: content)
                for number in 0..<230 { _ = try await batches.create(inputFileID: file.id, metadata: ["n": String(number)]) }
                let all = try await batches.list()
                #expect(all.map { $0.metadata["n"] ?? "" } == (0..<230).reversed().map(String.init))
                #expect(try await batches.list(limit: 5).count == 5)
            }
        }
    }

    @Test("What is not there is told, a server that is not there too, and a batch is never started twice")
    func missing() async throws {
        try await ChatServerDouble.with { server in
            try await ClientFixture.with(server) { fixture in
                let batches = try #require(fixture.client.batches(at: "main"))
                await #expect(throws: ChatError.self) { try await batches.retrieve("batch_x/../y") }
                await #expect(throws: ChatError.self) { try await batches.create(inputFileID: "file-x", metadata: [:]) }
                await #expect(throws: ChatError.self) { try await batches.lines(ofFile: "file-x", model: "m") { _ in } }
                #expect(fixture.client.batches(at: "other") == nil)
            }
        }
        try await ClientFixture.with([.named(url: "http://127.0.0.1:9/v1")]) { fixture in
            let batches = try #require(fixture.client.batches(at: "main"))
            await #expect(throws: ChatError.self) { try await batches.create(inputFileID: "f", metadata: [:]) }
            #expect(fixture.waits.all.isEmpty, "not known whether it was started: not repeated")
            await #expect(throws: ChatError.self) { try await batches.retrieve("b") }
            #expect(fixture.waits.all.count == 2)
        }
    }

    @Test("Lines that cannot be read are told of, and the others read")
    func unreadable() throws {
        var splitter = LineSplitter(limit: 100)
        #expect(try splitter.feed(ByteBuffer(string: "one\r\n\ntw").readableBytesView).map { String(decoding: $0, as: UTF8.self) } == ["one"])
        #expect(try splitter.feed(ByteBuffer(string: "o\nthree").readableBytesView).map { String(decoding: $0, as: UTF8.self) } == ["two"])
        #expect(splitter.takeRest().map { String(decoding: $0, as: UTF8.self) } == "three")
        #expect(throws: LineSplitter.TooLong.self) { _ = try splitter.feed(ByteBuffer(repeating: 65, count: 101).readableBytesView) }
    }
}
