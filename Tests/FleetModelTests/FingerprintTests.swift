import FleetModel
import Testing

struct FingerprintTests {
    private let recipe = Recipe(stage: "audio", version: 2, settings: #"{"hop":512}"#)
    private let upstream = Fingerprint(digest: Digest.of("upstream"))

    /// Computed by hand from the layout that ``Fingerprint`` documents (SHA-256 in Python). Pinned: a change here makes every result that anybody has computed unreachable.
    @Test func `the fingerprint of a known task never changes`() {
        #expect(recipe.digest.hex == "34cb75803ff3816f1306a3f31eb14e25d03561aeffed417da6d6d52682ccaf39")
        let fingerprint = Fingerprint(recipe: recipe, sources: [.audio: Digest.of("a"), .genres: Digest.of("g")], upstream: ["frames": upstream])
        #expect(fingerprint.description == "96718cbd53b48363f3647cb3f3eeb9ac8b98b480471da9d5ce0bf7e76607904e")
    }

    @Test func `each ingredient counts, and nothing else does`() {
        func make(_ recipe: Recipe, _ sources: [SourceField: Digest], _ up: [StageName: Fingerprint]) -> Fingerprint {
            Fingerprint(recipe: recipe, sources: sources, upstream: up)
        }
        let base = make(recipe, [.audio: Digest.of("a")], ["frames": upstream])
        #expect(base == make(recipe, [.audio: Digest.of("a")], ["frames": upstream]))
        #expect(base != make(Recipe(stage: "audio", version: 3, settings: #"{"hop":512}"#), [.audio: Digest.of("a")], ["frames": upstream]))
        #expect(base != make(Recipe(stage: "audio", version: 2, settings: #"{"hop":256}"#), [.audio: Digest.of("a")], ["frames": upstream]))
        #expect(base != make(recipe, [.video: Digest.of("a")], ["frames": upstream]))
        #expect(base != make(recipe, [.audio: Digest.of("b")], ["frames": upstream]))
        #expect(base != make(recipe, [.audio: Digest.of("a")], [:]))
        #expect(base != make(recipe, [.audio: Digest.of("a")], ["lyrics": upstream]))
    }
}

struct StageGraphTests {
    private func plan(_ name: StageName, requires: [StageName] = [], reads: [SourceField] = []) -> StagePlan {
        StagePlan(recipe: Recipe(stage: name, version: 1, settings: "{}"), requires: requires, reads: reads)
    }

    @Test func `stages come after what they require`() throws {
        let graph = try StageGraph([plan("c", requires: ["b", "a"]), plan("b", requires: ["a"]), plan("a")])
        #expect(graph.stages.map(\.name) == ["a", "b", "c"])
    }

    @Test func `circles are refused`() {
        #expect { try StageGraph([self.plan("a", requires: ["b"]), self.plan("b", requires: ["a"])]) } throws: { ($0 as? FleetError)?.code == "stage.cycle" }
    }

    @Test func `a change of lyrics changes what reads lyrics and what follows, and no more`() throws {
        let graph = try StageGraph([plan("frames", reads: [.video]), plan("lyrics", reads: [.lyrics]), plan("description", requires: ["frames", "lyrics"])])
        let old = graph.fingerprints(of: Clip(id: "x", lyrics: "one")).map(\.fingerprint)
        let new = graph.fingerprints(of: Clip(id: "x", lyrics: "two")).map(\.fingerprint)
        #expect(graph.stages.map(\.name) == ["frames", "lyrics", "description"])
        #expect(old[0] == new[0])
        #expect(old[1] != new[1])
        #expect(old[2] != new[2])
    }

    @Test func `clips without lyrics do not hang on one task`() {
        #expect(SourceField.lyrics.digest(of: Clip(id: "a")) != SourceField.lyrics.digest(of: Clip(id: "b")))
    }
}

struct DigestTests {
    @Test func `hexadecimal goes both ways, and nothing but 64 digits reads`() {
        let digest = Digest.of("abc")
        #expect(digest.hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Digest(hex: digest.hex) == digest)
        #expect(Digest(hex: "ba78") == nil)
        #expect(Digest(hex: String(repeating: "g", count: 64)) == nil)
    }

    @Test func `artists are grouped whatever their spelling`() {
        #expect(Clip(id: "1", artist: "The  Band!").artistGroup == Clip(id: "2", artist: "the band").artistGroup)
        #expect(Clip(id: "1").artistGroup != Clip(id: "2").artistGroup)
    }
}
