import Fleet
import FleetModel
import Foundation
import MusicLanguageModel
import Stages
import TensorKernels
import Testing

/// A whole checkpoint as the stages use it: its music heard in children, its texts as the reference implementation wrote them.
@Suite(.enabled(if: Given.binary != nil && FileManager.default.fileExists(atPath: Given.tinyModel), "MVFLEET_TEST_BINARY and the shared data's tiny model are needed"), .timeLimit(.minutes(2)))
struct TinyModelTests {
    private struct Reference: Decodable {
        struct Row: Decodable { var genres: [String], mv_type: [String], lyrics_understanding: String }
        struct Answer: Decodable { var text: String, n_prompt: Int }
        struct Infer: Decodable { var row: Row, sets: [String: Answer] }
        var infer: Infer
    }

    private func models() -> (MusicModels, EmbeddingSettings, PredictionSettings) {
        let tower = Digest.of("tower"), language = Digest.of("language")
        var embedding = EmbeddingSettings(), prediction = PredictionSettings()
        embedding.checkpoint = tower
        prediction.checkpoint = language
        prediction.weights = .float32
        prediction.maximumTokens = 96
        let loader = CheckpointLoader(.init(threads: 1, slots: 4, cacheDirectory: "/nonexistent"))
        return (MusicModels(places: [.init(directory: Given.tinyModel, tower: tower, language: language)], loader: loader), embedding, prediction)
    }

    private func embedding(_ models: MusicModels, _ settings: EmbeddingSettings) async throws -> MusicEmbedding {
        let children = ChildProcessPool(.init(executable: try #require(Given.binary), arguments: ["media-child"], environment: [:], size: 1))
        let embedding = try await models.embedding(settings) { configuration in
            try await MediaRequests(children: children).music(Given.tinyModel + "/audio/clip_44k_stereo.wav", settings, configuration)
        }
        await children.endIdleChildren()
        return embedding
    }

    @Test func `each set of inputs is answered as by the reference, one by one and all at once`() async throws {
        let reference = try JSONDecoder().decode(Reference.self, from: try Data(contentsOf: URL(fileURLWithPath: Given.tinyModel + "/ref/ref.json"))).infer
        let (models, embeddingSettings, settings) = models()
        let music = try await embedding(models, embeddingSettings)
        #expect(music.clips.map(\.start) == [0, 2.15, 4.3] && music.vectors.count == 3)
        let row = PromptInput(genres: reference.row.genres, mvTypes: reference.row.mv_type, lyricsUnderstanding: reference.row.lyrics_understanding)
        @Sendable func answer(_ inputs: String) async throws -> Prediction {
            var settings = settings
            settings.inputs = try #require(InputSwitches(inputs))
            let sources = PredictionSources(row.keeping(settings.inputs), music: settings.inputs.contains(.music) ? music : nil)
            return try Prediction(try await models.text(from: sources, settings), from: sources, settings)
        }
        for (inputs, expected) in reference.sets.sorted(by: { $0.key < $1.key }) {
            let prediction = try await answer(inputs)
            let text = expected.text.range(of: GenerationRequest.trainedStop).map { String(expected.text[..<$0.lowerBound]) } ?? expected.text
            #expect(prediction.text == text && prediction.promptTokens == expected.n_prompt, "\(inputs)")
        }
        let together = try await withThrowingTaskGroup(of: (String, String).self) { group in
            for inputs in reference.sets.keys { group.addTask { (inputs, try await answer(inputs).text) } }
            return try await group.reduce(into: [String: String]()) { $0[$1.0] = $1.1 }
        }
        for (inputs, text) in together { #expect(try await answer(inputs).text == text, "\(inputs)") }
        await models.close()
    }

    @Test func `the same seed gives the same text, and another another`() async throws {
        let (models, _, base) = models()
        var settings = base
        settings.inputs = .genres
        var texts: [String] = []
        for seed: UInt64 in [1, 1, 2] {
            settings.sampling = SamplingSettings(temperature: 1.5, topP: 0.95, seed: seed)
            texts.append(try await models.text(from: PredictionSources(PromptInput(genres: ["rock"])), settings).text)
        }
        #expect(texts[0] == texts[1] && texts[1] != texts[2])
        await models.close()
    }

    @Test func `a model that cannot be loaded says which file, and what to do`() async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-model-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data("not a checkpoint".utf8).write(to: directory.appendingPathComponent("imagebind_huge.pth"))
        let (_, embedding, prediction) = models()
        let models = MusicModels(places: [.init(directory: directory.path, tower: embedding.checkpoint, language: prediction.checkpoint)],
                                 loader: CheckpointLoader(.init(cacheDirectory: "/nonexistent")))
        for load in [(embedding, nil), (nil, prediction)] as [(EmbeddingSettings?, PredictionSettings?)] {
            let error = await #expect(throws: FleetError.self) { try await models.load(load.0, load.1) }
            #expect(error?.code == "model.checkpoint" && error?.message.contains(directory.path) == true, "\(String(describing: error))")
        }
        await models.close()
    }
}
