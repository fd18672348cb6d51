import Fleet
import FleetModel
import Foundation
import Testing

struct PrefetchTests {
    /// Hazard 18: a message that one worker hoards is one that no other runs.
    @Test func `prefetch is near the slots for slow stages and in the hundreds for quick ones`() {
        #expect(StageDescriptor(name: "slow", version: 1, batch: 1).prefetch(slots: 2) == 2)
        #expect(StageDescriptor(name: "quick", version: 1, batch: 64).prefetch(slots: 2) == 192)
        #expect(StageDescriptor(name: "wide", version: 1, batch: 256).prefetch(slots: 100) == 2000)
    }
}

struct TaskMessageTests {
    @Test func `a token comes back from its message`() {
        let token = ReadyToken(epoch: 3, queue: 12, seq: 9_000_000_001, task: 7)
        #expect(TaskMessage.decode(TaskMessage.encode(token)) == token)
    }

    @Test(arguments: ["", "{}", "nonsense", #"{"epoch":1,"q":99999999999,"seq":1,"task":1}"#, #"{"epoch":1,"q":1,"seq":1,"task":1}x"#,
                      #"{"epoch":1,"q":1,"seq":1,"task":99999999999999999999}"#, #"{"epoch":1,"q":1,"seq":-,"task":1}"#, #"{"epoch":1,"q":1,"seq":1,"task":1"#, String(repeating: "x", count: 10_000)])
    func `a message of somebody else is not a token`(text: String) {
        #expect(TaskMessage.decode(Array(text.utf8)) == nil)
    }
}

struct SoloGateTests {
    @Test func `a suspect runs with nothing beside it`() async {
        let gate = SoloGate()
        let tally = Tally()
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<200 {
                group.addTask {
                    let alone = index % 10 == 0
                    await gate.run(alone: alone) {
                        tally.enter()
                        if alone { #expect(tally.running == 1) }
                        await Task.yield()
                        if alone { #expect(tally.running == 1) }
                        tally.leave()
                    }
                }
            }
        }
        #expect(tally.running == 0)
    }
}

struct ChildMessageTests {
    @Test func `a message survives being cut anywhere`() throws {
        let message = ChildMessage(json: #"{"a":1}"#, attachments: [[1, 2, 3], [], Array(repeating: 9, count: 70)])
        let bytes = message.encoded()
        for cut in 0...bytes.count {
            var parser = ChildMessageParser()
            let early = try parser.append(bytes[..<cut])
            let late = try parser.append(bytes[cut...])
            #expect((early ?? late) == message)
        }
    }

    @Test func `a child cannot make its worker take unbounded memory`() {
        var many = ChildMessageParser()
        #expect(throws: ChildMessageParser.Problem.tooManyParts(0xFFFF_FFFF)) { try many.append([255, 255, 255, 255]) }
        var large = ChildMessageParser()
        #expect(throws: ChildMessageParser.Problem.tooLarge(0x7FFF_FFFF)) { try large.append([1, 0, 0, 0, 255, 255, 255, 127]) }
    }
}

struct BlobStoreTests {
    private func withStore(_ body: (BlobStore) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-blobs-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(BlobStore(directory: directory))
    }

    @Test func `a blob is found again by its digest, and written twice is one`() throws {
        try withStore { store in
            let digest = try store.put([1, 2, 3])
            #expect(try store.put([1, 2, 3]) == digest)
            #expect(try store.get(digest) == [1, 2, 3])
            #expect(try FileManager.default.contentsOfDirectory(atPath: store.directory).filter { $0.hasPrefix(".incoming") }.isEmpty)
        }
    }

    @Test func `a damaged blob is refused, a missing one is named`() throws {
        try withStore { store in
            let digest = try store.put([1, 2, 3])
            try Data([9, 9, 9]).write(to: URL(fileURLWithPath: store.path(of: digest)))
            #expect { try store.get(digest) } throws: { ($0 as? FleetError)?.code == "blob.damaged" }
            #expect { try store.get(Digest.of("other")) } throws: { ($0 as? FleetError)?.code == "blob.missing" }
        }
    }
}
