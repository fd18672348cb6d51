import ChatCompletions
import ChatServerDouble
import Checkpoints
import Foundation
import MusicLanguageModel
import RemoteLanguageModel
import Testing

@Suite("A language model on a server that takes embeddings", .timeLimit(.minutes(1)))
struct RemoteBackendTests {
    private static let configuration = LlamaConfiguration(hidden: 4, intermediate: 8, layers: 1, heads: 2, vocabulary: 10, contextLength: 100)

    private static func request(tokens: Int = 3, maximum: Int = 40, sampling: SamplingSettings = .greedy, usesAdapters: Bool = true) -> GenerationRequest {
        GenerationRequest(prompt: PromptEmbeddings(hidden: 4, values: (0 ..< tokens * 4).map { Float($0) / 8 - 1 }), maximumTokens: maximum, sampling: sampling, usesAdapters: usesAdapters)
    }

    /// A server that takes embeddings of four numbers, and a backend of it whose waits take no time.
    private static func with(_ behave: @escaping @Sendable (CompletionRequest) -> Behaviour, plainModel: String? = nil, options: RemoteBackendOptions = RemoteBackendOptions(),
                             hidden: Int? = 4, _ body: (RemoteBackend, ChatServerDouble) async throws -> Void) async throws {
        var settings = DoubleSettings()
        settings.hidden = hidden
        settings.behave = behave
        try await ChatServerDouble.with(settings) { server in
            var client = ChatClientOptions()
            client.sleep = { _ in try Task.checkCancellation() }
            let chat = try ChatClient(endpoints: [Endpoint(name: "vllm", baseURL: server.url, key: APIKey("secret"), dialect: .vllm)], options: client)
            let backend = RemoteBackend(client: chat, model: "vicuna-music", plainModel: plainModel, configuration: configuration, options: options)
            try await body(backend, server)
            await backend.shutdown()
            await chat.shutdown()
        }
    }

    @Test("The tensor arrives as it was, with all that says how to answer; the words come in pieces")
    func answers() async throws {
        let seen = Seen()
        try await Self.with({ seen.append($0); return Behaviour(text: "Overview: a slow river of light\n### Human: more") }) { backend, _ in
            var pieces: [GeneratedPiece] = []
            for try await piece in try await backend.generate(Self.request(sampling: SamplingSettings(temperature: 0.5, topP: 0.9, seed: .max))) { pieces.append(piece) }
            let answer = pieces.reduce(into: GeneratedText()) { $0.append($1) }
            #expect(answer.text == "Overview: a slow river of light" && answer.finish == .stop && answer.usage.promptTokens == 3 && answer.usage.answerTokens > 0)
            #expect(pieces.count > 2 && pieces.dropLast().allSatisfy { $0.finish == nil } && answer.tokens.reduce(0, +) == 31)
        }
        let request = try #require(seen.all.first), embeddings = try #require(request.embeddings)
        #expect(embeddings.shape == [3, 4] && embeddings.elementType == .float16 && embeddings.values == (0 ..< 12).map { Float($0) / 8 - 1 })
        #expect(request.key == "secret" && request.model == "vicuna-music" && request.maximumAnswerTokens == 40 && request.stops == ["\n###"])
        #expect(request.body["temperature"]?.number == 0.5 && request.body["top_p"]?.number == 0.9 && request.body["seed"]?.integer == -1)
        #expect(request.body["stream_options"]?["include_usage"]?.isTrue == true && request.body["prompt"]?.text == "" && request.body["repetition_penalty"]?.number == 1)
    }

    @Test("The answer's end is told: by the model, or by its length", arguments: [(40, FinishReason.endOfText), (3, .length)])
    func ends(maximum: Int, reason: FinishReason) async throws {
        try await Self.with({ _ in Behaviour(text: "twenty letters, twice") }) { backend, _ in
            let answer = try await backend.answer(Self.request(maximum: maximum))
            #expect(answer.finish == reason)
        }
    }

    @Test("A server that does not stream is understood")
    func wholes() async throws {
        let body = #"{"id":"cmpl-1","object":"text_completion","model":"m","choices":[{"index":0,"text":"at once","finish_reason":"stop","stop_reason":null}],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#
        try await Self.with({ _ in Behaviour(.raw(200, body: body)) }) { backend, _ in
            let answer = try await backend.answer(Self.request())
            #expect(answer.text == "at once" && answer.finish == .endOfText && answer.usage == GenerationUsage(promptTokens: 3, answerTokens: 2))
        }
    }

    @Test("Greedy requests name no seed, and all of the probability")
    func greedy() async throws {
        let seen = Seen()
        try await Self.with({ seen.append($0); return Behaviour(text: "x") }) { backend, _ in
            _ = try await backend.answer(Self.request(sampling: SamplingSettings(temperature: 0, topP: 0.5, seed: 9)))
        }
        #expect(seen.all[0].body["seed"] == nil && seen.all[0].body["top_p"]?.number == 1 && seen.all[0].body["temperature"]?.number == 0)
    }

    @Test("Other types", arguments: [ElementType.bfloat16, .float32])
    func types(type: ElementType) async throws {
        let seen = Seen()
        try await Self.with({ seen.append($0); return Behaviour(text: "x") }, options: RemoteBackendOptions(elementType: type)) { backend, _ in _ = try await backend.answer(Self.request()) }
        #expect(seen.all[0].embeddings?.elementType == type && seen.all[0].embeddings?.values == (0 ..< 12).map { Float($0) / 8 - 1 })
    }

    @Test("What fails before a word has come is tried again", arguments: [Behaviour(.error(503)), Behaviour(.disconnect), Behaviour(fault: .cut(after: 0))])
    func repeats(fault: Behaviour) async throws {
        try await Self.with({ $0.number < 2 ? fault : Behaviour(text: "well") }) { backend, server in
            let answer = try await backend.answer(Self.request())
            #expect(answer.text == "well")
            #expect(server.counts.requests == 3)
        }
    }

    @Test("What breaks after words have come is not begun anew: the words cannot be taken back", arguments: [Behaviour.Fault.cut(after: 2), .truncate(after: 2), .malformed(after: 2)])
    func breaks(fault: Behaviour.Fault) async throws {
        try await Self.with({ _ in Behaviour(text: "one or two words, and then some more of them", fault: fault) }) { backend, server in
            let error = await #expect(throws: ModelError.self) { try await backend.answer(Self.request()) }
            #expect(error?.code == .backend && error?.isRetriable == true)
            #expect(server.counts.requests == 1)
        }
    }

    @Test("A server without embeddings says how to start it")
    func refuses() async throws {
        try await Self.with({ _ in Behaviour() }, hidden: nil) { backend, _ in
            let error = await #expect(throws: ModelError.self) { try await backend.answer(Self.request()) }
            #expect(error?.code == .request && error?.message.contains("--enable-prompt-embeds") == true && error?.message.contains("secret") == false)
        }
    }

    @Test("A prompt that is too long is told so, here or by the server")
    func tooLong() async throws {
        try await Self.with({ _ in Behaviour(.error(400, message: "This model's maximum context length is 50 tokens. However, you requested 60.")) }) { backend, server in
            for request in [Self.request(maximum: 98), Self.request(maximum: 57)] {
                let error = await #expect(throws: ModelError.self) { try await backend.answer(request) }
                #expect(error?.code == .promptTooLong)
            }
            #expect(server.counts.requests == 1)
        }
    }

    @Test("Adapters are left out where the server has a model without them")
    func plain() async throws {
        let seen = Seen()
        try await Self.with({ seen.append($0); return Behaviour(text: "x") }, plainModel: "vicuna") { backend, _ in
            #expect(backend.description.canLeaveAdaptersOut)
            _ = try await backend.answer(Self.request(usesAdapters: false))
        }
        #expect(seen.all[0].model == "vicuna")
        try await Self.with({ _ in Behaviour() }) { backend, _ in
            await #expect(throws: ModelError.self) { try await backend.answer(Self.request(usesAdapters: false)) }
        }
    }

    @Test("Who stops reading ends the request at the server, and makes room for the next")
    func stopsReading() async throws {
        try await Self.with({ $0.number == 0 ? Behaviour(text: "words that come one after another, with a long wait between", fault: .stall(after: 2, .seconds(50))) : Behaviour(text: "next") },
                            options: RemoteBackendOptions(concurrency: 1)) { backend, server in
            for try await _ in try await backend.generate(Self.request()) { break }
            let answer = try await backend.answer(Self.request())
            #expect(answer.text == "next")
            await server.until { $0.aborted == 1 }
        }
    }

    @Test("No more requests at a time than allowed")
    func bounded() async throws {
        try await Self.with({ _ in Behaviour(delay: .milliseconds(20), text: "x") }, options: RemoteBackendOptions(concurrency: 3)) { backend, server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0 ..< 12 { group.addTask { _ = try await backend.answer(Self.request()) } }
                try await group.waitForAll()
            }
            #expect(server.counts.answered == 12 && server.counts.mostInFlight <= 3)
        }
    }

    @Test("Shutting down ends what runs, and lets nothing begin")
    func shutsDown() async throws {
        try await Self.with({ _ in Behaviour(.hang) }) { backend, server in
            let stream = try await backend.generate(Self.request())
            await server.until { $0.inFlight == 1 }
            await backend.shutdown()
            var answer = GeneratedText()
            for try await piece in stream { answer.append(piece) }
            #expect(answer.finish == .cancelled)
            await #expect(throws: ModelError.self) { try await backend.answer(Self.request()) }
        }
    }

    @Test("The reference prompt goes out as torch saved it, byte for byte", .enabled(if: TinyCheckpoint.isThere, "shared/data/model/tiny_a is not there"))
    func reference() async throws {
        let tensor = try SafetensorsArchive(path: TinyCheckpoint.path + "/ref/ref.safetensors").tensor("lm.inputs_embeds"), seen = Seen()
        var settings = DoubleSettings()
        settings.hidden = tensor.shape[1]
        settings.behave = { seen.append($0); return Behaviour(text: "x") }
        let prompt = PromptEmbeddings(hidden: tensor.shape[1], values: try tensor.floats())
        try await ChatServerDouble.with(settings) { server in
            let chat = try ChatClient(endpoints: [Endpoint(name: "vllm", baseURL: server.url)])
            let configuration = LlamaConfiguration(hidden: tensor.shape[1], intermediate: 512, layers: 4, heads: 8, vocabulary: 706)
            let backend = RemoteBackend(client: chat, model: "tiny", configuration: configuration)
            _ = try await backend.answer(GenerationRequest(prompt: prompt, maximumTokens: 8))
            await backend.shutdown()
            await chat.shutdown()
        }
        let saved = try Data(contentsOf: URL(fileURLWithPath: TinyCheckpoint.path + "/ref/prompt_embeds_f16.pt"))
        #expect(Data(seen.all[0].embeddings?.archive ?? []) == saved)
    }
}
