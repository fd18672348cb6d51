import Fleet
import FleetModel
import Foundation
import Logging
import MusicLanguageModel
import Stages
import Testing

/// The stage `embedding`: real files in real children, with a tower that is scripted.
@Suite(.enabled(if: Given.binary != nil, "MVFLEET_TEST_BINARY names the program"), .timeLimit(.minutes(1)))
struct EmbeddingStageTests {
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-embedding-\(UUID().uuidString)")

    private func file(_ name: String, _ bytes: [UInt8]) throws -> MediaReference {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let path = directory.appendingPathComponent(name)
        try Data(bytes).write(to: path)
        return MediaReference(path: path.path, sha256: Digest.of(bytes))
    }

    /// A tone as a WAV file: 16 bits, mono.
    private func tone(seconds: Double, rate: Int = 16_000) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let samples = (0..<Int(seconds * Double(rate))).flatMap { little(Int(8_000 * sin(Double($0) * 0.17)), 2) }
        return Array("RIFF".utf8) + little(36 + samples.count, 4) + Array("WAVEfmt ".utf8) + little(16, 4) + little(1, 2) + little(1, 2) + little(rate, 4) + little(rate * 2, 4)
            + little(2, 2) + little(16, 2) + Array("data".utf8) + little(samples.count, 4) + samples
    }

    private func embed(_ model: ScriptedMusicModel, _ clip: Clip, settings: String = #"{"checkpoint":"\#(ScriptedMusicModel.tower)"}"#) async throws -> MusicEmbedding {
        var environment = StageEnvironment(blobs: BlobStore(directory: "/nonexistent"),
                                           children: ChildProcessPool(.init(executable: try #require(Given.binary), arguments: ["media-child"], environment: [:], size: 2)), logger: Logger(label: "test"))
        environment[MusicModels.self] = model.models()
        let catalogue = try StageCatalogue.standard()
        let outputs = try await SingleClip(catalogue: catalogue, environment: environment).outputs(of: clip, through: try catalogue.graph(of: ["embedding"], settings: ["embedding": settings]))
        return try CanonicalJSON.decode(MusicEmbedding.self, from: try #require(outputs["embedding"]))
    }

    @Test func `three clips from the first sample to the last, and their mean`() async throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let model = ScriptedMusicModel()
        let embedding = try await embed(model, Clip(id: "a", audio: try file("a.wav", tone(seconds: 10, rate: 44_100))))
        #expect(embedding.clips.map(\.start) == [0, 4, 8] && embedding.clips.map(\.end) == [2, 6, 10])
        #expect(embedding.dimensions == 2 && embedding.vectors.count == 3 && !embedding.isTruncated)
        let vectors = embedding.vectors.map(\.values)
        let means: [Float] = [0, 1].map { index in vectors.reduce(0) { $0 + $1[index] } / 3 }
        #expect(embedding.pooled.values == means)
        #expect(embedding.checkpoint == ScriptedMusicModel.tower && embedding.mean == .inPlace)
    }

    @Test func `a recording is listened to as far as the recipe says`() async throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let embedding = try await embed(ScriptedMusicModel(), Clip(id: "a", audio: try file("a.wav", tone(seconds: 10))), settings: #"{"checkpoint":"\#(ScriptedMusicModel.tower)","max_s":6}"#)
        #expect(embedding.isTruncated && embedding.clips.map(\.start) == [0, 2, 4])
    }

    @Test func `files that are no music end their own clip, each with its reason`() async throws {
        defer { try? FileManager.default.removeItem(at: directory) }
        let model = ScriptedMusicModel()
        let noise = (0..<5_000).map { UInt8(truncatingIfNeeded: $0 &* 151) }
        let files: [(String, [UInt8], String)] = [("short.wav", tone(seconds: 0.01), "model.audio"), ("empty.wav", [], "media.empty"), ("noise.mp3", noise, "media.")]
        for (name, bytes, code) in files {
            let clip = Clip(id: name, audio: try file(name, bytes))
            let error = await #expect(throws: FleetError.self) { _ = try await self.embed(model, clip) }
            #expect(error?.code.rawValue.hasPrefix(code) == true && error?.isRetriable == false, "\(name): \(String(describing: error))")
        }
        #expect(model.runs.isEmpty)
        let none = await #expect(throws: FleetError.self) { _ = try await self.embed(model, Clip(id: "none")) }
        #expect(none?.code == .sourceMissing)
        let changed = MediaReference(path: try file("changed.wav", tone(seconds: 3)).path, sha256: Digest.of("other bytes"))
        let moved = await #expect(throws: FleetError.self) { _ = try await self.embed(model, Clip(id: "changed", audio: changed)) }
        #expect(moved?.code == .sourceChanged)
    }
}
