import Fleet
import FleetModel
import Stages
import Testing

struct FrameAlignmentTests {
    private static let grid = [0.0, 2, 4, 6]

    @Test func `each frame goes to its own nearest downbeat, and stays where there is none`() {
        #expect(FrameAlignment.onDownbeats(Self.grid, interval: 2, downbeats: [0.4, 2.9, 3.1, 4.8, 6.2, 7.1]) == [0.4, 2.9, 4.8, 6.2])
        #expect(FrameAlignment.onDownbeats(Self.grid, interval: 2, downbeats: []) == Self.grid)
        // Before the video, and behind it.
        #expect(FrameAlignment.onDownbeats(Self.grid, interval: 2, downbeats: [-0.2, 40]) == Self.grid)
        // Exactly between two frames: one of them only.
        #expect(FrameAlignment.onDownbeats(Self.grid, interval: 2, downbeats: [3]) == [0, 2, 3, 6])
    }

    @Test func `a frame moves into the shot that fills most of its stretch`() {
        #expect(FrameAlignment.withinShots(Self.grid, interval: 2, cuts: [], duration: 8) == Self.grid)
        // A cut late in the first stretch changes nothing, one early in the second does; the third has three shots.
        #expect(FrameAlignment.withinShots(Self.grid, interval: 2, cuts: [1.5, 2.5, 4.5, 5.5], duration: 8) == [0, 3.25, 5, 6])
        // The last stretch ends with the video, and a target behind it stays.
        #expect(FrameAlignment.withinShots(Self.grid, interval: 2, cuts: [4.2], duration: 5) == [0, 2, 4.6, 6])
        // A cut at the target itself is no cut within.
        #expect(FrameAlignment.withinShots([2], interval: 2, cuts: [2], duration: 9) == [2])
    }

    @Test func `frames on downbeats require the audio stage, and others do not`() throws {
        let catalogue = try StageCatalogue.standard()
        #expect(try catalogue.graph(of: ["frames"]).stages.map(\.name) == ["frames"])
        #expect(try catalogue.graph(of: ["frames"], settings: ["frames": #"{"align":"shots"}"#]).stages.map(\.name) == ["frames"])
        let graph = try catalogue.graph(of: ["frames"], settings: ["frames": #"{"align":"downbeats"}"#])
        #expect(graph.stages.map(\.name) == ["audio", "frames"])
        #expect(graph.stages.last?.requires == ["audio"])
        #expect(try JobRecipes.read(try JobRecipes(graph).options()).graph() == graph)
        // No work needs nothing more.
        #expect(try catalogue.graph(of: ["frames"], settings: ["frames": NoOpSettings().canonical]).stages.map(\.name) == ["frames"])
    }

    @Test(arguments: [#"{"align":"bars"}"#, #"{"align":3}"#, #"{"contact_sheet":"yes"}"#])
    func `an alignment that is not there is refused`(settings: String) throws {
        let entry = try StageCatalogue.standard().entry("frames")
        #expect { try entry.recipe(settings) } throws: { ($0 as? FleetError)?.code == "recipe.invalid" }
    }
}
