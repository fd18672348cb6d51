import Fleet
import FleetModel
import Stages
import Testing

struct StandardCatalogueTests {
    @Test func `the standard stages are ten, and the description needs all but those of the paper's model`() throws {
        let catalogue = try StageCatalogue.standard()
        #expect(Set(catalogue.entries.map(\.descriptor.name)) == [
            "frames", "audio", "music-caption", "lyrics", "unified-caption", "mv-type", "frame-captions", "description", "embedding", "prediction",
        ])
        #expect(catalogue.entries.count == 10)
        let graph = try catalogue.graph(of: ["description"])
        #expect(graph.stages.count == 8)
        #expect(graph.stages.last?.name == "description")
    }

    @Test func `every stage's default settings read back as the same recipe`() throws {
        for entry in try StageCatalogue.standard().entries {
            let recipe = try entry.recipe(nil)
            #expect(try entry.recipe(recipe.settings) == recipe)
        }
    }

    @Test func `only stages of media read media, and every other hangs on them`() throws {
        let entries = try StageCatalogue.standard().entries
        #expect(entries.filter { $0.descriptor.reads.contains(.video) }.map(\.descriptor.name) == ["frames"])
        #expect(entries.filter { $0.descriptor.reads.contains(.audio) }.map(\.descriptor.name) == ["audio", "embedding"])
    }

    @Test(arguments: ["music-caption", "lyrics", "unified-caption", "mv-type", "frame-captions", "description"] as [StageName])
    func `settings that are not given are the defaults`(stage: StageName) throws {
        let entry = try StageCatalogue.standard().entry(stage)
        let standard = try entry.recipe(nil)
        #expect(try entry.recipe("{}") == standard)
        #expect(try entry.recipe(#"{ "captioner" : "rules" }"#) == standard)
    }

    @Test(arguments: [#"{"captioner":"nobody"}"#, #"{"version":999}"#, #"{"captioner":1}"#, "[]", "nonsense"])
    func `a captioner that is not there is refused before any work`(settings: String) throws {
        let entry = try StageCatalogue.standard().entry("description")
        #expect { try entry.recipe(settings) } throws: { ($0 as? FleetError)?.code == "recipe.invalid" }
    }
}

struct JobRecipesTests {
    @Test func `a job's recipes give its graph again`() throws {
        let catalogue = try StageCatalogue.standard()
        let graph = try catalogue.graph(of: ["description"])
        let options = try JobRecipes(graph).options()
        #expect(try JobRecipes.read(options).graph() == graph)
        #expect(try JobRecipes.read(options).options() == options)
    }

    @Test func `recipes of an older version stay what they were`() throws {
        let catalogue = try StageCatalogue.standard()
        var recipes = JobRecipes(try catalogue.graph(of: ["lyrics"]))
        recipes.recipes["lyrics"]?.version = 0
        #expect(try recipes.graph().stages.map(\.recipe.version) == [0])
    }

    @Test func `a job of stages that this program has no more still has its graph`() throws {
        let old = try JobRecipes.read(#"{"recipes":{"dance-moves":{"version":1,"settings":"{}","requires":[],"reads":["video"]}}}"#)
        #expect(try old.graph().stages.map(\.name) == ["dance-moves"])
    }

    @Test func `a job without recipes is told apart`() {
        #expect { try JobRecipes.read("{}") } throws: { ($0 as? FleetError)?.code == "job.no_recipes" }
    }
}
