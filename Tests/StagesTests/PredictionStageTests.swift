import Captioning
import Fleet
import FleetModel
import Foundation
import Logging
import MusicLanguageModel
import Stages
import Testing

/// The stage `prediction` with a model that is scripted: what its recipes ask for, and how it ends.
@Suite struct PredictionStageTests {
    private static let recipe = #"{"checkpoint":"\#(ScriptedMusicModel.language)","inputs":"INPUTS"}"#
    private static let embeddingRecipe = #"{"checkpoint":"\#(ScriptedMusicModel.tower)"}"#

    private func settings(_ inputs: String) -> String { Self.recipe.replacingOccurrences(of: "INPUTS", with: inputs) }

    private func predict(_ model: ScriptedMusicModel?, _ inputs: String, clip: Clip = Clip(id: "one", genres: ["rock", "indie"], lyrics: "a river runs"), settings: String? = nil) async throws -> Prediction {
        var environment = StageEnvironment(blobs: BlobStore(directory: "/nonexistent"), children: ChildProcessPool(.init(executable: "/nonexistent", arguments: [], environment: [:], size: 1)),
                                           logger: Logger(label: "test"))
        environment[MusicModels.self] = model?.models()
        let catalogue = try StageCatalogue.standard()
        var recipes: [StageName: String] = ["prediction": settings ?? self.settings(inputs)]
        if inputs.contains("1") { recipes["embedding"] = Self.embeddingRecipe }
        let graph = try catalogue.graph(of: ["prediction"], settings: recipes)
        let known = Self.upstream.filter { name, _ in graph.stages.contains { $0.name == name } }
        let outputs = try await SingleClip(catalogue: catalogue, environment: environment).outputs(of: clip, through: graph, known: known)
        return try CanonicalJSON.decode(Prediction.self, from: try #require(outputs["prediction"]))
    }

    /// Results of the stages before it.
    private static let upstream: [StageName: String] = [
        "embedding": #"""
            {"checkpoint":"\#(ScriptedMusicModel.tower)","clips":[{"end_s":2,"start_s":0},{"end_s":4,"start_s":2}],"dimensions":2,"mean":"in-place","pooled":"AACAPwAAAEA=","truncated":false,"vectors":["AACAPwAAAEA=","AACAPwAAAEA="]}
            """#,
        "frames": "{}",
        "mv-type": #"{"source":"rules","types":[{"confidence":0.9,"evidence_frames":[1],"name":"Artistic/Abstract","reason":"r"}]}"#,
        "lyrics": #"{"reason":"","source":"rules","status":"ok","text":"The lyrics speak of a river."}"#,
    ]

    @Test(arguments: ["none", "1", "2", "3", "4", "1+2", "1+3", "1+4", "2+3", "2+4", "3+4", "1+2+3", "1+2+4", "1+3+4", "2+3+4", "1+2+3+4"])
    func `each combination of inputs waits for what it needs, is given that, and nothing else`(inputs: String) async throws {
        let plan = try StageCatalogue.standard().entry("prediction").plan(settings: settings(inputs))
        let switches = try #require(InputSwitches(inputs))
        #expect(plan.requires.contains("embedding") == switches.contains(.music))
        #expect(plan.requires.contains("mv-type") == switches.contains(.mvType))
        #expect(plan.requires.contains("lyrics") == switches.contains(.lyrics))
        #expect(plan.reads == (switches.contains(.genres) ? [.genres] : []))
        let model = ScriptedMusicModel()
        let prediction = try await predict(model, inputs)
        let sources = try #require(model.asked.first).sources
        #expect(sources.inputs == switches && prediction.inputs == switches && prediction.absent.isEmpty)
        let music: [[Float]]? = switches.contains(.music) ? [[1, 2], [1, 2]] : nil
        #expect(sources.music?.clips == music)
        #expect(sources.prompt.genres == (switches.contains(.genres) ? ["rock", "indie"] : []))
        #expect(sources.prompt.mvTypes == (switches.contains(.mvType) ? ["Artistic/Abstract"] : []))
        let lyrics: String? = switches.contains(.lyrics) ? "The lyrics speak of a river." : nil
        #expect(sources.prompt.lyricsUnderstanding == lyrics)
        #expect(prediction.checkpoint == ScriptedMusicModel.language && prediction.finish == .stop && prediction.answerTokens > 0)
    }

    @Test func `what a clip does not have is said, and not written into the prompt`() async throws {
        let model = ScriptedMusicModel()
        #expect(try await predict(model, "2", clip: Clip(id: "one")).absent == ["genres"])
        #expect(model.asked.first?.sources.prompt == PromptInput())
    }

    @Test func `an answer that was cut off is kept and says so, one that was given up is asked for again`() async throws {
        #expect(try await predict(ScriptedMusicModel(finish: .length), "2").finish == .length)
        let error = await #expect(throws: FleetError.self) { _ = try await self.predict(ScriptedMusicModel(finish: .cancelled), "2") }
        #expect(error?.isRetriable == true)
    }

    @Test func `a model's error keeps its code, and whether trying again may help`() async throws {
        let long = ScriptedMusicModel(failure: ModelError(code: .promptTooLong, message: "too long"))
        let error = await #expect(throws: FleetError.self) { _ = try await self.predict(long, "2") }
        #expect(error?.code == "model.prompt_too_long" && error?.isRetriable == false)
    }

    @Test func `a worker without the model, or with another, leaves the task to one that has it`() async throws {
        let none = await #expect(throws: FleetError.self) { _ = try await self.predict(nil, "2") }
        #expect(none?.isRetriable == true && none?.message.contains("--model") == true)
        let other = #"{"checkpoint":"\#(Digest.of("another"))","inputs":"2"}"#
        let wrong = await #expect(throws: FleetError.self) { _ = try await self.predict(ScriptedMusicModel(), "2", settings: other) }
        #expect(wrong?.isRetriable == true && wrong?.message.contains("/models/scripted") == true)
        let unnamed = await #expect(throws: FleetError.self) { _ = try await self.predict(ScriptedMusicModel(), "2", settings: #"{"inputs":"2"}"#) }
        #expect(unnamed?.code == "recipe.invalid")
    }

    @Test func `a model is loaded once for all tasks`() async throws {
        let model = ScriptedMusicModel(), models = model.models()
        var settings = PredictionSettings()
        settings.checkpoint = ScriptedMusicModel.language
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask { [settings] in _ = try await models.text(from: PredictionSources(PromptInput(genres: ["\(number)"])), settings) }
            }
            try await group.waitForAll()
        }
        #expect(model.writers.count == 1 && model.asked.count == 40)
    }
}

struct PredictionSettingsTests {
    private func recipe(_ settings: String) throws -> Recipe { try StageCatalogue.standard().entry("prediction").recipe(settings) }

    /// Pinned: a change here makes every prediction that anybody has made unreachable.
    @Test func `the default recipe never changes`() throws {
        #expect(try recipe(#"{"checkpoint":"\#(Digest.of("x"))"}"#).settings == #"""
            {"backend":"native","beginning":"as_trained","checkpoint":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881","inputs":"1+2+3+4","instruction":"Generate a concise video prompt that captures the essence of the MV, incorporating the music's tone, style, and lyrical themes. The prompt should reflect the specified MV type and align with the music genre to ensure stylistic coherence for guiding a text-to-video model.","lora":true,"max_tokens":1024,"music":"sequence","temperature":0,"template":"deepresonance","weights":"bf16"}
            """#)
        #expect(try StageCatalogue.standard().entry("embedding").recipe(#"{"checkpoint":"\#(Digest.of("x"))"}"#).settings == #"""
            {"checkpoint":"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881","max_s":600,"mean":"in-place","weights":"f32"}
            """#)
    }

    @Test func `everything that changes an answer is in the recipe`() throws {
        let base = try recipe("{}")
        for change in [#"{"checkpoint":"\#(Digest.of("x"))"}"#, #"{"inputs":"1+2"}"#, #"{"inputs":"none"}"#, #"{"template":"vicuna_v1"}"#, #"{"beginning":"always"}"#, #"{"music":"pooled"}"#,
                       #"{"instruction":"Describe it."}"#, #"{"temperature":0.7}"#, #"{"max_tokens":10}"#, #"{"backend":"libllama"}"#, #"{"weights":"int4"}"#, #"{"lora":false}"#] {
            #expect(try recipe(change).digest != base.digest, "\(change)")
        }
        #expect(try recipe(#"{"temperature":0.7,"seed":1}"#).digest != recipe(#"{"temperature":0.7,"seed":2}"#).digest)
    }

    @Test func `what takes no part in an answer is not in its recipe`() throws {
        #expect(try recipe(#"{"seed":7,"top_p":0.5}"#) == recipe("{}"))
        #expect(try recipe(#"{"inputs":"2","music":"pooled"}"#) == recipe(#"{"inputs":"2"}"#))
        #expect(try recipe(#"{"backend":"vllm","weights":"int4"}"#) == recipe(#"{"backend":"vllm"}"#))
        #expect(try recipe(#"{"inputs":"4+2"}"#) == recipe(#"{"inputs":"2+4"}"#))
    }

    @Test(arguments: [#"{"inputs":"5"}"#, #"{"inputs":"1+1"}"#, #"{"temperature":-1}"#, #"{"top_p":0}"#, #"{"max_tokens":0}"#, #"{"model":"/models/x"}"#, #"{"checkpoint":"abc"}"#, #"{"instruction":""}"#,
                      #"{"weights":"int3"}"#, #"{"template":"mine"}"#])
    func `what cannot be is refused before any work`(settings: String) {
        #expect { try self.recipe(settings) } throws: { ($0 as? FleetError)?.code == "recipe.invalid" }
    }

    @Test func `a checkpoint's identity is that of its bytes and their parts in it, and not of names and order`() async {
        func identity(_ files: [(String, String)]) async -> Digest {
            await CheckpointIdentity.of(files.map { CheckpointIdentity.File(role: $0.0, path: $0.1) }) { Digest.of($0.split(separator: "/").last.map(String.init) ?? "") }
        }
        let base = await identity([("weights", "/a/one"), ("weights", "/a/two"), ("tokenizer", "/a/three")])
        #expect(await identity([("tokenizer", "/b/three"), ("weights", "/c/two"), ("weights", "/c/one")]) == base)
        #expect(await identity([("weights", "/a/one"), ("weights", "/a/three"), ("tokenizer", "/a/two")]) != base)
        #expect(await identity([("weights", "/a/one"), ("tokenizer", "/a/three")]) != base)
    }

    @Test func `vectors keep every bit`() throws {
        let values: [Float] = [0, -0.0, 1, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1 / 3]
        let read = try CanonicalJSON.decode(StoredVector.self, from: try CanonicalJSON.encode(StoredVector(values)))
        #expect(read.values.map(\.bitPattern) == values.map(\.bitPattern))
        #expect(throws: (any Error).self) { try CanonicalJSON.decode(StoredVector.self, from: #""AADAfw==""#) }
        #expect(throws: (any Error).self) { try CanonicalJSON.decode(StoredVector.self, from: #""AAA=""#) }
    }
}
