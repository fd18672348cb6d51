import LibLlama
import MusicLanguageModel
import TensorKernels
import Testing

@Suite(.enabled(if: TestedLibrary.isThere, "llama.cpp's library is not installed; set MVFLEET_TEST_LIBLLAMA to it, or run scripts/check-libllama"))
struct LibLlamaBackendTests {
    private static func native(_ adapters: AdapterUse) throws -> NativeBackend {
        try NativeBackend(model: LlamaModel(SmallModel.tensors, format: .float32, adapters: adapters), tokenizer: LetterTokenizer(), options: NativeOptions(promptPart: 16))
    }

    /// All in single precision: the random model's choices are clear enough to be the same for some dozen tokens.
    @Test(arguments: [true, false])
    func answersAsTheNativeBackend(merged: Bool) async throws {
        let native = try Self.native(merged ? .merged : .applied)
        try await SmallModel.withBackend(merged: merged) { backend in
            #expect(backend.description.backend == "libllama" && backend.description.weightBytes > 0 && backend.description.canLeaveAdaptersOut == !merged)
            for number in 0 ..< 6 {
                let expected = try await native.answer(SmallModel.request(number, tokens: 24)), answer = try await backend.answer(SmallModel.request(number, tokens: 24))
                #expect(answer.tokens == expected.tokens && answer.text == expected.text, "request \(number)")
                #expect(answer.finish == .length && answer.usage == expected.usage)
            }
        }
        await native.shutdown()
    }

    @Test func manyAtOnceAnswerAsOneByOne() async throws {
        try await SmallModel.withBackend { backend in
            let requests = (0 ..< 12).map { SmallModel.request($0, tokens: 6 + $0 * 2, usesAdapters: $0 % 3 != 0) }
            var alone: [[Int32]] = []
            for request in requests { alone.append(try await backend.answer(request).tokens) }
            let together = try await withThrowingTaskGroup(of: (Int, GeneratedText).self) { group in
                for (index, request) in requests.enumerated() { group.addTask { (index, try await backend.answer(request)) } }
                return try await group.reduce(into: [Int: GeneratedText]()) { $0[$1.0] = $1.1 }
            }
            for (index, tokens) in alone.enumerated() { #expect(together[index]?.tokens == tokens, "request \(index)") }
            #expect(Set(alone).count == alone.count)
        }
    }

    @Test func adaptersMayBeLeftOut() async throws {
        let without = try Self.native(.none)
        try await SmallModel.withBackend { backend in
            for number in 0 ..< 6 {
                let answer = try await backend.answer(SmallModel.request(number, tokens: 24, usesAdapters: false))
                let expected = try await without.answer(SmallModel.request(number, tokens: 24)), with = try await backend.answer(SmallModel.request(number, tokens: 24))
                #expect(answer.tokens == expected.tokens && answer.tokens != with.tokens, "request \(number)")
            }
        }
        try await SmallModel.withBackend(merged: true) { backend in
            await #expect(throws: ModelError.self) { try await backend.answer(SmallModel.request(1, usesAdapters: false)) }
        }
        await without.shutdown()
    }

    @Test func theSeedTellsTheText() async throws {
        try await SmallModel.withBackend { backend in
            var texts: [String] = []
            for seed: UInt64 in [1, 1, 2] {
                texts.append(try await backend.answer(SmallModel.request(1, sampling: SamplingSettings(temperature: 1.5, topP: 0.95, seed: seed))).text)
            }
            #expect(texts[0] == texts[1] && texts[1] != texts[2])
        }
    }

    @Test func endsBeforeTheStopText() async throws {
        try await SmallModel.withBackend { backend in
            let whole = Array(try await backend.answer(SmallModel.request(2)).text)
            let stop = String(whole[10 ..< 14]), answer = try await backend.answer(SmallModel.request(2, stop: [stop]))
            #expect(answer.finish == .stop && String(whole).hasPrefix(answer.text) && !answer.text.contains(stop) && answer.text.count <= 10)
        }
    }

    /// Three places and two in the line: one that is given up makes room for the next.
    @Test func whoStopsReadingMakesRoom() async throws {
        try await SmallModel.withBackend(options: LibLlamaOptions(slots: 1, queue: 0, contextTokens: 512)) { backend in
            for _ in 0 ..< 4 {
                for try await piece in try await backend.generate(SmallModel.request(0, tokens: 400)) where piece.usage.answerTokens > 2 { break }
            }
            #expect(try await backend.answer(SmallModel.request(0, tokens: 5)).tokens.count == 5)
        }
    }

    @Test func shutdownEndsAll() async throws {
        // More tokens than can be made before the test reads the first.
        try await SmallModel.withBackend(options: LibLlamaOptions(slots: 1, queue: 0, contextTokens: 60_000)) { backend in
            let stream = try await backend.generate(SmallModel.request(0, tokens: 50_000))
            var answer = GeneratedText(), isShut = false
            for try await piece in stream {
                answer.append(piece)
                if !isShut { await backend.shutdown() }
                isShut = true
            }
            #expect(answer.finish == .cancelled)
            await #expect(throws: ModelError.self) { try await backend.answer(SmallModel.request(0)) }
        }
    }

    @Test func whatDoesNotFitIsRefusedBeforeItRuns() async throws {
        try await SmallModel.withBackend { backend in
            let error = await #expect(throws: ModelError.self) { try await backend.answer(SmallModel.request(0, tokens: 600)) }
            #expect(error?.code == .promptTooLong)
        }
    }

    @Test func aDamagedFileIsAnErrorThatSaysWhatTheLibrarySaid() async throws {
        let library = try TestedLibrary.loaded.get()
        let error = #expect(throws: ModelError.self) {
            try LibLlamaBackend(library, model: "/nowhere/model.gguf", configuration: SmallModel.configuration, weights: "f32", tokenizer: LetterTokenizer())
        }
        #expect(error?.code == .backend && error?.message.contains("/nowhere/model.gguf") == true)
    }
}
