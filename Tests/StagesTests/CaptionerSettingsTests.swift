import Captioning
import Fleet
import FleetModel
import Stages
import Testing

@Suite struct CaptionerSettingsTests {
    private func canonical(_ stage: StageName, _ settings: String?) throws -> String {
        try StageCatalogue.standard().entry(stage).recipe(settings).settings
    }

    @Test func `the rules' recipe has the bytes that it always had`() throws {
        #expect(try canonical("description", nil) == #"{"captioner":"rules","version":1}"#)
    }

    @Test(arguments: ["music-caption", "lyrics", "unified-caption", "mv-type", "frame-captions", "description"])
    func `a model's recipe names its prompt by its words, and reads back as it is`(stage: String) throws {
        let name = try #require(StageName(rawValue: stage))
        let recipe = try canonical(name, #"{"captioner":"openai","model":"m-2024-07-18"}"#)
        #expect(recipe.contains(#""prompt":"\#(stage)@1""#))
        #expect(recipe.contains(#""prompt_sha256":""#))
        #expect(try canonical(name, recipe) == recipe)
    }

    @Test func `what is left to the server stays so when a recipe is read again`() throws {
        let recipe = try canonical("lyrics", #"{"captioner":"openai","model":"m","temperature":null,"seed":null}"#)
        #expect(!recipe.contains("temperature") && !recipe.contains("seed"))
        #expect(try canonical("lyrics", recipe) == recipe)
    }

    @Test(arguments: [
        (#"{"captioner":"openai"}"#, "names no model"), (#"{"captioner":"openai","model":"m","reasks":9}"#, "reasks"),
        (#"{"captioner":"openai","model":"m","prompt":"lyrics@99"}"#, "no prompt 'lyrics@99'"), (#"{"captioner":"openai","model":"m","prompt_sha256":"00"}"#, "other words"),
        (#"{"captioner":"openai","model":"m","tempreature":1}"#, "tempreature"), (#"{"captioner":"openai","model":"m","prompt_text":"nonsense"}"#, "does not read"),
    ])
    func `a recipe that cannot be meant is refused, and the message names the setting`(settings: String, word: String) throws {
        let error = #expect(throws: FleetError.self) { try canonical("lyrics", settings) }
        #expect(error.map { "\($0)".contains(word) } == true)
    }

    @Test func `texts of models are held against the clip's names, and depend on them`() throws {
        let catalogue = try StageCatalogue.standard()
        let ruled = try catalogue.entry("lyrics").plan()
        let asked = try catalogue.entry("lyrics").plan(settings: #"{"captioner":"openai","model":"m"}"#)
        #expect(ruled.reads == [.lyrics])
        #expect(asked.reads == [.lyrics, .names])
    }

    @Test func `a prompt of one's own goes with the recipe`() throws {
        let own = try PromptLibrary.builtIn().prompt(for: .lyrics).text.replacing("Say what the lyrics are about", with: "Tell what the lyrics tell")
        let settings = try CanonicalJSON.encode(["captioner": "openai", "model": "m", "prompt_text": own])
        let recipe = try canonical("lyrics", settings)
        #expect(recipe.contains("Tell what the lyrics tell"))
        #expect(try canonical("lyrics", #"{"captioner":"openai","model":"m"}"#) != recipe)
    }
}
