import Fleet
import FleetModel
import Testing

/// The smallest stages there can be; each is what one folder in `Stages/` holds.
struct SourceStage: Stage {
    struct Settings: Codable, Sendable { var offset = 0 }
    static let descriptor = StageDescriptor(name: "numbers", version: 1, reads: [.metadata])
    static let defaultSettings = Settings()
    let settings: Settings
    init(settings: Settings, environment: StageEnvironment) { self.settings = settings }
    func input(of task: StageTask) throws -> Double { task.clip.metadata["n"] ?? 0 }
    func run(_ inputs: [Double], context: StageContext) async -> [Outcome<Double>] { inputs.map { .completed($0 + Double(settings.offset)) } }
}

struct SumStage: Stage {
    struct Settings: Codable, Sendable {}
    static let descriptor = StageDescriptor(name: "sum", version: 3, requires: ["numbers"])
    static let defaultSettings = Settings()
    init(settings: Settings, environment: StageEnvironment) {}
    func input(of task: StageTask) throws -> Double { try task.upstream("numbers", as: Double.self) }
    func run(_ inputs: [Double], context: StageContext) async -> [Outcome<Double>] { inputs.map { .completed($0 * 2) } }
}

struct StageCatalogueTests {
    @Test func `a job's graph holds what its stages require, in order`() throws {
        let catalogue = try StageCatalogue([StageEntry(SumStage.self), StageEntry(SourceStage.self)])
        let graph = try catalogue.graph(of: ["sum"])
        #expect(graph.stages.map(\.name) == ["numbers", "sum"])
        #expect(graph.stages[1].recipe.version == 3)
    }

    @Test func `two stages of one name, and a requirement that nobody produces, are refused at start`() {
        #expect { try StageCatalogue([StageEntry(SourceStage.self), StageEntry(SourceStage.self)]) } throws: { ($0 as? FleetError)?.code == "stage.duplicate" }
        #expect { try StageCatalogue([StageEntry(SumStage.self)]) } throws: { ($0 as? FleetError)?.code == "stage.missing" }
    }

    @Test func `settings change the recipe, unknown stages and stray settings are refused`() throws {
        let catalogue = try StageCatalogue([StageEntry(SumStage.self), StageEntry(SourceStage.self)])
        let plain = try catalogue.graph(of: ["sum"])
        let changed = try catalogue.graph(of: ["sum"], settings: ["numbers": #"{"offset": 4}"#])
        #expect(plain.stages[0].recipe.digest != changed.stages[0].recipe.digest)
        #expect(changed.stages[0].recipe.settings == #"{"offset":4}"#)
        #expect { try catalogue.graph(of: ["nothing"]) } throws: { ($0 as? FleetError)?.code == "stage.unknown" }
        #expect { try catalogue.graph(of: ["numbers"], settings: ["sum": "{}"]) } throws: { ($0 as? FleetError)?.code == "recipe.unused" }
        #expect { try catalogue.graph(of: ["numbers"], settings: ["numbers": #"{"offset":"x"}"#]) } throws: { ($0 as? FleetError)?.code == "recipe.invalid" }
    }
}
