import Media
import MusicLanguageModel
import TensorKernels
import Testing

@Suite(.enabled(if: TinyCheckpoint.isThere, "the shared data are not beside the package; set MVFLEET_SHARED_DATA"))
struct MusicDescriberTests {
    private static func describer(_ format: WeightFormat = .float32) throws -> MusicDescriber {
        try MusicDescriber.load(ModelDirectory(path: TinyCheckpoint.path), options: .init(format: format, native: NativeOptions(slots: 3)))
    }

    private static func music(_ describer: MusicDescriber) throws -> AudioEmbedding {
        let clip = try AudioDecoder().decode(path: TinyCheckpoint.path + "/audio/clip_44k_stereo.wav")
        return try describer.embedding(samples: clip.channels, sampleRate: clip.sampleRate)
    }

    /// From samples to words, every set of inputs, as the reference.
    @Test func describesAsTheReference() async throws {
        let describer = try Self.describer(), music = try Self.music(describer), reference = try ReferenceTensors(ModelDirectory(path: TinyCheckpoint.path))
        for set in reference.inputSets {
            let switches = try #require(InputSwitches(set.name)), row = reference.row
            let question = MusicDescriber.Question(row.input(.all), switches: switches, maximumTokens: set.greedy.count, stop: [])
            let (answer, parsed) = try await describer.description(question, music: switches.contains(.music) ? music : nil)
            #expect(answer.tokens == set.greedy && answer.text == set.text, "\(set.name)")
            #expect(answer.usage == GenerationUsage(promptTokens: set.promptTokens, answerTokens: set.greedy.count))
            #expect(!parsed.isComplete)
        }
        let pooled = MusicDescriber.Question(reference.row.input(.all), poolsMusic: true, maximumTokens: 32, stop: [])
        #expect(try await describer.description(pooled, music: music).answer.tokens == reference.pooledGreedy)
        await describer.shutdown()
    }

    @Test(arguments: WeightFormat.allCases, PromptTemplate.allCases)
    func describesInEveryFormatAndTemplate(format: WeightFormat, template: PromptTemplate) async throws {
        let describer = try Self.describer(format), music = try Self.music(describer)
        let question = MusicDescriber.Question(PromptInput(hasMusic: true, genres: ["rock </s>"]), template: template, beginning: .always, maximumTokens: 12,
                                               sampling: SamplingSettings(temperature: 0.8, topP: 0.9, seed: 4))
        let first = try await describer.description(question, music: music).answer
        #expect(first.tokens.count == 12 || first.finish != .length)
        #expect(try await describer.description(question, music: music).answer == first)
    }

    @Test func saysWhatIsMissing() throws {
        let describer = try Self.describer(), music = try Self.music(describer)
        let withoutMusic = MusicDescriber(embedder: describer.embedder)
        #expect(try withoutMusic.embedding(samples: [[Float](repeating: 0.1, count: 32_000)], sampleRate: 16_000).clips.count == 3)
        #expect(throws: ModelError.self) { try withoutMusic.prompt(.init(PromptInput(hasMusic: true)), music: music) }
        #expect(throws: ModelError.self) { try MusicDescriber().embedding(samples: [[0]], sampleRate: 16_000) }
        var other = music
        other.clips = other.clips.map { $0 + [1] }
        #expect(throws: ModelError.self) { try describer.prompt(.init(PromptInput(hasMusic: true)), music: other) }
    }
}
