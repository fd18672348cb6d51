import MusicLanguageModel
import TensorKernels
import Testing

struct NativeBackendTests {
    private static func backend(_ format: WeightFormat = .float32, adapters: AdapterUse = .merged, end: Int32? = nil, options: NativeOptions = NativeOptions(slots: 3, queue: 2, promptPart: 16)) throws -> NativeBackend {
        try NativeBackend(model: LlamaModel(SmallModel.tensors, format: format, adapters: adapters), tokenizer: LetterTokenizer(end: end), options: options)
    }

    @Test(arguments: WeightFormat.allCases)
    func aNeighbourChangesNoAnswer(format: WeightFormat) async throws {
        let backend = try Self.backend(format)
        let requests = (0 ..< 12).map { SmallModel.request($0, tokens: 10 + $0 * 3, sampling: $0 % 3 == 0 ? .greedy : SamplingSettings(temperature: 1.3, topP: $0 % 2 == 0 ? 0.9 : 1, seed: UInt64($0))) }
        var alone: [GeneratedText] = []
        for request in requests { alone.append(try await backend.answer(request)) }
        let together = try await withThrowingTaskGroup(of: (Int, GeneratedText).self) { group in
            for (index, request) in requests.enumerated() { group.addTask { (index, try await backend.answer(request)) } }
            return try await group.reduce(into: [Int: GeneratedText]()) { $0[$1.0] = $1.1 }
        }
        for (index, answer) in alone.enumerated() {
            #expect(together[index] == answer)
            #expect(answer.finish == .length && answer.tokens.count == 10 + index * 3 && answer.usage.answerTokens == answer.tokens.count)
            #expect(answer.text == LetterTokenizer().decode(answer.tokens))
        }
        #expect(Set(alone.map(\.text)).count == alone.count)
        await backend.shutdown()
    }

    @Test func theSeedTellsTheText() async throws {
        let backend = try Self.backend()
        func text(seed: UInt64) async throws -> String { try await backend.answer(SmallModel.request(1, sampling: SamplingSettings(temperature: 1.5, topP: 0.95, seed: seed))).text }
        #expect(try await text(seed: 1) == text(seed: 1))
        #expect(try await text(seed: 1) != text(seed: 2))
    }

    @Test func adaptersMergedOrBesideAgreeAndMayBeLeftOut() async throws {
        let merged = try Self.backend(), applied = try Self.backend(adapters: .applied), without = try Self.backend(adapters: .none)
        #expect(applied.description.canLeaveAdaptersOut && without.description.canLeaveAdaptersOut && !merged.description.canLeaveAdaptersOut)
        for number in 0 ..< 4 {
            let with = try await merged.answer(SmallModel.request(number))
            async let beside = applied.answer(SmallModel.request(number))
            async let leftOut = applied.answer(SmallModel.request(number, usesAdapters: false))
            #expect(try await beside.tokens == with.tokens)
            #expect(try await leftOut.tokens == without.answer(SmallModel.request(number)).tokens)
            #expect(try await leftOut.tokens != with.tokens)
        }
        await #expect(throws: ModelError.self) { try await merged.answer(SmallModel.request(0, usesAdapters: false)) }
    }

    @Test func endsBeforeTheStopText() async throws {
        let backend = try Self.backend()
        let whole = try await backend.answer(SmallModel.request(2))
        let scalars = Array(whole.text.unicodeScalars)
        for start in stride(from: 3, to: scalars.count - 6, by: 4) {
            let stop = String(String.UnicodeScalarView(scalars[start ..< start + 5]))
            let answer = try await backend.answer(SmallModel.request(2, stop: [stop]))
            let place = try #require(whole.text.unicodeScalars.firstRange(of: stop.unicodeScalars))
            #expect(answer.text == String(whole.text.unicodeScalars[..<place.lowerBound]))
            #expect(answer.finish == .stop && whole.tokens.starts(with: answer.tokens) && answer.tokens.count < whole.tokens.count)
        }
    }

    @Test func endsWhereTheModelEndsItsText() async throws {
        let whole = try await Self.backend().answer(SmallModel.request(3))
        let end = whole.tokens[5], place = try #require(whole.tokens.firstIndex(of: end))
        let answer = try await Self.backend(end: end).answer(SmallModel.request(3))
        #expect(answer.tokens == Array(whole.tokens[...place]) && answer.finish == .endOfText)
        #expect(answer.text == LetterTokenizer().decode(Array(whole.tokens[..<place])))
    }

    @Test func refusesBeforeAnythingRuns() async throws {
        let backend = try Self.backend(options: NativeOptions(slots: 1, queue: 0, cacheTokens: 100))
        func code(_ request: GenerationRequest) async throws -> ModelError.Code? {
            do {
                _ = try await backend.generate(request)
                return nil
            } catch let error as ModelError {
                return error.code
            }
        }
        #expect(try await code(SmallModel.request(0, tokens: 90, prompt: 11)) == .promptTooLong)
        #expect(try await code(SmallModel.request(0, tokens: .max)) == .promptTooLong)
        #expect(try await code(SmallModel.request(0, tokens: 0)) == .request)
        #expect(try await code(SmallModel.request(0, prompt: 0)) == .request)
        #expect(try await code(SmallModel.request(0, stop: [""])) == .request)
        #expect(try await code(SmallModel.request(0, sampling: SamplingSettings(temperature: .nan))) == .request)
        #expect(try await code(GenerationRequest(prompt: PromptEmbeddings(hidden: 47, values: [Float](repeating: 0, count: 47)))) == .request)
        #expect(try await backend.answer(SmallModel.request(0, tokens: 90, prompt: 10)).tokens.count == 90)
    }
}

/// Requests that come and go. Every wait is for an event that must come: a slot that is not freed is a test that hangs to its limit.
@Suite(.timeLimit(.minutes(2)))
struct NativeBackendAdmissionTests {
    /// Answers that nobody can wait for.
    private static let endless = 500_000

    private static func backend(_ options: NativeOptions) throws -> NativeBackend {
        try NativeBackend(model: LlamaModel(SmallModel.tensors, format: .float32), tokenizer: LetterTokenizer(end: nil), options: options)
    }

    @Test func whoStopsReadingFreesTheSlot() async throws {
        let backend = try Self.backend(NativeOptions(slots: 1, queue: 0, cacheTokens: 1 << 20))
        for number in 0 ..< 3 {
            for try await piece in try await backend.generate(SmallModel.request(number, tokens: Self.endless)) where piece.usage.answerTokens > 2 { break }
        }
        #expect(try await backend.answer(SmallModel.request(1, tokens: 5)).finish == .length)
        // A stream that nobody ever reads.
        _ = try await backend.generate(SmallModel.request(2, tokens: Self.endless))
        #expect(try await backend.answer(SmallModel.request(1, tokens: 5)).finish == .length)
        // A reader that is cancelled.
        let reader = Task { try await backend.answer(SmallModel.request(2, tokens: Self.endless)) }
        reader.cancel()
        _ = try? await reader.value
        #expect(try await backend.answer(SmallModel.request(1, tokens: 5)).finish == .length)
    }

    @Test func callersPastTheQueueWaitAndMayGiveUp() async throws {
        let backend = try Self.backend(NativeOptions(slots: 1, queue: 1, cacheTokens: 1 << 21))
        var first: AsyncThrowingStream? = try await backend.generate(SmallModel.request(0, tokens: Self.endless))
        let second = try await backend.generate(SmallModel.request(1, tokens: 3))
        let third = Task { try await backend.answer(SmallModel.request(2, tokens: 3)) }
        let fourth = Task { try await backend.answer(SmallModel.request(3, tokens: 3)) }
        third.cancel()
        await #expect(throws: CancellationError.self) { try await third.value }
        for try await _ in try #require(first) { break }
        // Whoever holds a stream may still read on.
        first = nil
        var answer = GeneratedText()
        for try await piece in second { answer.append(piece) }
        #expect(answer.finish == .length)
        #expect(try await fourth.value.finish == .length)
    }

    @Test func memoryIsSharedByTokens() async throws {
        // Room for one large answer or two small ones, though there are slots for all.
        let backend = try Self.backend(NativeOptions(slots: 8, queue: 8, cacheTokens: 100, promptPart: 16))
        let finishes = try await withThrowingTaskGroup(of: FinishReason.self) { group in
            for number in 0 ..< 10 { group.addTask { try await backend.answer(SmallModel.request(number, tokens: number % 2 == 0 ? 90 : 40, prompt: 10)).finish } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(finishes == [FinishReason](repeating: .length, count: 10))
    }

    @Test func shutdownEndsAll() async throws {
        let backend = try Self.backend(NativeOptions(slots: 2, queue: 1, cacheTokens: 1 << 21))
        var streams: [AsyncThrowingStream<GeneratedPiece, any Error>] = []
        for number in 0 ..< 3 { streams.append(try await backend.generate(SmallModel.request(number, tokens: Self.endless))) }
        let late = Task { try await backend.answer(SmallModel.request(4)) }
        await backend.shutdown()
        for stream in streams {
            var answer = GeneratedText()
            for try await piece in stream { answer.append(piece) }
            #expect(answer.finish == .cancelled && answer.usage.answerTokens < Self.endless)
        }
        await #expect(throws: ModelError.self) { try await late.value }
        await #expect(throws: ModelError.self) { try await backend.generate(SmallModel.request(5)) }
        await backend.shutdown()
    }
}
