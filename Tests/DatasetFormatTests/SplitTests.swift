import DatasetFormat
import Testing

@Suite struct SplitTests {
    /// Groups of sizes 1…`largest`, from a seeded generator.
    private func members(seed: UInt64, groups: Int, largest: Int) -> [SplitMember] {
        var random = SplitMix(state: seed)
        return (0..<groups).flatMap { group in
            (0...Int(random.next() % UInt64(largest))).map { SplitMember(key: "clip-\(group)-\($0)", group: "artist:\(group)") }
        }
    }

    @Test(arguments: 0..<40) func dividesNoGroupAndReachesTheTestSizeWheneverSingleClipsAllow(seed: UInt64) throws {
        let all = members(seed: seed, groups: 300, largest: 1 + Int(seed % 9))
        let split = try Split(members: all, testSize: 50)
        #expect(split.assignments.count { $0.side == .test } == 50)
        #expect(split.proof.exact && split.proof.overlappingGroups == 0)
        #expect(split.proof.test.samples == 50 && split.proof.train.samples == all.count - 50)
        let sides = Dictionary(grouping: split.assignments, by: \.group).mapValues { Set($0.map(\.side)).count }
        #expect(sides.values.allSatisfy { $0 == 1 })
        #expect(all.allSatisfy { split.side(of: $0.key) != nil })
        #expect(split.side(of: "nobody") == nil)
    }

    @Test func isTheSameInAnyOrderOfMembersAndAnotherForAnotherSeed() throws {
        let all = members(seed: 7, groups: 200, largest: 4)
        let split = try Split(members: all)
        #expect(try Split(members: all.reversed()) == split)
        #expect(try Split(members: all, seed: "other").assignments != split.assignments)
    }

    @Test func isPinnedByName() throws {
        // Computed with Python's hashlib: the groups a…j by SHA-256("mvfleet-split-1" ‖ 0x00 ‖ group) begin a, f, g.
        let split = try Split(members: "abcdefghij".map { SplitMember(key: "clip-\($0)", group: String($0)) }, testSize: 3)
        #expect(split.assignments.filter { $0.side == .test }.map(\.group) == ["a", "f", "g"])
    }

    @Test func defaultSizeIsThePapersProportion() {
        #expect(Split.defaultTestSize(members: 56_446, groups: 20_000) == 1_446)
        #expect(Split.defaultTestSize(members: 12, groups: 12) == 1)
        #expect(Split.defaultTestSize(members: 12, groups: 1) == 0)
        #expect(Split.defaultTestSize(members: 0, groups: 0) == 0)
    }

    @Test func groupsThatFitTogetherAreFoundWhereHashOrderMissesThem() throws {
        // 6 and 4 make 10; hash order may begin with a 7, after which nothing fits.
        let sizes = ["a": 7, "b": 6, "c": 4, "d": 7, "e": 7]
        for seed in 0..<8 {
            let all = sizes.flatMap { name, size in (0..<size).map { SplitMember(key: "\(name)\($0)", group: name) } }
            let split = try Split(members: all, testSize: 10, seed: "\(seed)")
            #expect(split.proof.exact)
            #expect(Set(split.assignments.filter { $0.side == .test }.map(\.group)) == ["b", "c"])
        }
    }

    @Test func whatCannotBeReachedIsTakenFromBelowAndSaidSo() throws {
        let all = ["a", "b", "c"].flatMap { name in (0..<4).map { SplitMember(key: "\(name)\($0)", group: name) } }
        let below = try Split(members: all, testSize: 6)
        #expect(below.proof.test.samples == 4 && !below.proof.exact)
        let smallest = try Split(members: all, testSize: 1)
        #expect(smallest.proof.test.samples == 4 && !smallest.proof.exact)
        #expect(smallest.proof.method != below.proof.method)
    }

    @Test func deadClipsReshuffleNothingAndRevivedOnesJoinByRule() throws {
        let all = members(seed: 3, groups: 120, largest: 3)
        let first = try Split(members: all.filter { !$0.key.hasSuffix("-1") }, testSize: 20)
        // A test clip and a train clip die; all the "-1" clips come back.
        let dead = Set([first.assignments.first { $0.side == .test }, first.assignments.first { $0.side == .train }].compactMap { $0?.key })
        let second = try Split(members: all.filter { !dead.contains($0.key) }, testSize: 20, pinned: first.pins)
        for item in first.assignments where !dead.contains(item.key) { #expect(second.side(of: item.key) == item.side) }
        let sideOfGroup = Dictionary(first.assignments.map { ($0.group, $0.side) }) { side, _ in side }
        for item in second.assignments { #expect(item.side == sideOfGroup[item.group] ?? item.side) }
        #expect(second.proof.overlappingGroups == 0 && second.proof.moved == 0 && second.proof.absent == 2)
        #expect(second.pins.count == second.assignments.count + 2)

        let third = try Split(members: all, testSize: 20, pinned: second.pins)
        for key in dead { #expect(third.side(of: key) == first.side(of: key)) }
    }

    @Test func aDeadTestClipIsNotReplaced() throws {
        let all = (0..<100).map { SplitMember(key: "clip-\($0)", group: "artist:\($0)") }
        let first = try Split(members: all, testSize: 10)
        let dead = try #require(first.assignments.first { $0.side == .test }).key
        let newcomers = (100..<110).map { SplitMember(key: "clip-\($0)", group: "artist:\($0)") }
        let second = try Split(members: all.filter { $0.key != dead } + newcomers, testSize: 10, pinned: first.pins)
        #expect(second.proof.test.samples == 9 && second.proof.exact)
        #expect(newcomers.allSatisfy { second.side(of: $0.key) == .train })
    }

    @Test func clipsWhoseArtistIsNowOneGoToOneSideAndTheProofCountsThem() throws {
        let pins = [SplitAssignment(key: "a", group: "x", side: .train), SplitAssignment(key: "b", group: "x", side: .train),
                    SplitAssignment(key: "c", group: "y", side: .test), SplitAssignment(key: "d", group: "z", side: .test)]
        let merged = ["a", "b", "c"].map { SplitMember(key: $0, group: "x") } + [SplitMember(key: "d", group: "z")]
        let split = try Split(members: merged, testSize: 2, pinned: pins)
        #expect(split.side(of: "c") == .train && split.side(of: "d") == .test)
        #expect(split.proof.moved == 1 && split.proof.overlappingGroups == 0)
    }

    @Test func refusesRepeatedKeysAndImpossibleSizes() {
        let twice = [SplitMember(key: "a", group: "x"), SplitMember(key: "a", group: "y")]
        #expect(throws: DatasetError.self) { try Split(members: twice) }
        let one = [SplitMember(key: "a", group: "x")]
        #expect(throws: DatasetError.self) { try Split(members: one, testSize: 1) }
        #expect(throws: DatasetError.self) { try Split(members: one, testSize: -1) }
        let pin = SplitAssignment(key: "a", group: "x", side: .test)
        #expect(throws: DatasetError.self) { try Split(members: one, pinned: [pin, pin]) }
    }

    @Test func nothingAndOneGroupAreSplits() throws {
        #expect(try Split(members: []).assignments.isEmpty)
        let one = try Split(members: [SplitMember(key: "a", group: "x"), SplitMember(key: "b", group: "x")])
        #expect(one.proof.train.samples == 2 && one.proof.test.samples == 0 && one.proof.exact)
    }

    @Test(arguments: 0..<60) func subsetSumsAreTheBestThatThereAre(seed: UInt64) {
        var random = SplitMix(state: seed)
        let sizes = (0..<(1 + Int(random.next() % 10))).map { _ in Int(random.next() % 12) }
        let target = Int(random.next() % 40)
        let chosen = SubsetSum.nearestBelow(target, sizes: sizes)
        var best = 0
        for subset in 0..<(1 << sizes.count) {
            let sum = sizes.indices.reduce(0) { $0 + ((subset >> $1) & 1) * sizes[$1] }
            if sum <= target { best = max(best, sum) }
        }
        #expect(chosen.reduce(0) { $0 + sizes[$1] } == best)
        #expect(Set(chosen).count == chosen.count)
    }
}
