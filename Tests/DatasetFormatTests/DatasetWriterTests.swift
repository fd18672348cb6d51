import DatasetFormat
import Foundation
import Testing

@Suite struct DatasetWriterTests {
    private let small = ShardLimits(samplesPerTar: 4, rowsPerParquet: 10, rowsPerGroup: 3)

    @Test func theSameRecordsGiveTheSameBytes() throws {
        let first = try withTemporaryFolder { folder in
            try DatasetFixture.write(30, to: folder, limits: small)
            return try contents(of: folder)
        }
        let second = try withTemporaryFolder { folder in
            try DatasetFixture.write(30, to: folder, limits: small)
            return try contents(of: folder)
        }
        #expect(first == second)
    }

    @Test func theManifestNamesEveryFileAndReadsBack() throws {
        try withTemporaryFolder { folder in
            let manifest = try DatasetFixture.write(30, to: folder, limits: small)
            #expect(try DatasetManifest.read(directory: folder) == manifest)
            #expect(Set(manifest.files.map(\.path)).union(["manifest.json"]) == Set(try contents(of: folder).keys))
            #expect(manifest.splits.map(\.samples) == [22, 8] && manifest.samples == 30)
            for layout in ["wds/", "hf/"] { #expect(manifest.files.filter { $0.path.hasPrefix(layout) }.reduce(0) { $0 + $1.samples } == 30) }
            #expect(manifest.endings.map(\.kind) == [.failed, .filtered] && manifest.recipes.map(\.stage) == ["audio", "frames"])
            #expect(try DatasetVerification.differences(directory: folder).isEmpty)
        }
    }

    @Test func verificationNamesWhatIsMissingChangedOrStray() throws {
        try withTemporaryFolder { folder in
            try DatasetFixture.write(30, to: folder, limits: small)
            let url = { (path: String) in URL(fileURLWithPath: folder + "/" + path) }
            var shard = try Data(contentsOf: url("wds/train/train-000001.tar"))
            shard[700] ^= 1
            try shard.write(to: url("wds/train/train-000001.tar"))
            try FileManager.default.removeItem(at: url("wds/test/test-000000.tar"))
            try Data([1]).write(to: url("hf/README.md"))
            try Data([1]).write(to: url("wds/train/train-000099.tar"))
            try Data([1]).write(to: url("wds/train/notes.txt"))
            let differences = try DatasetVerification.differences(directory: folder)
            #expect(differences.map(\.path) == ["hf/README.md", "wds/test/test-000000.tar", "wds/train/train-000001.tar", "wds/train/train-000099.tar"])
            #expect(differences.map(\.kind).contains(.missing) && differences.last?.kind == .unlisted)
        }
    }

    @Test func aSecondExportReplacesTheFirstAndLeavesForeignFilesAlone() throws {
        try withTemporaryFolder { folder in
            try DatasetFixture.write(40, to: folder, limits: small)
            try Data("mine".utf8).write(to: URL(fileURLWithPath: folder + "/wds/train/notes.txt"))
            try Data("mine".utf8).write(to: URL(fileURLWithPath: folder + "/other.json"))
            try DatasetFixture.write(9, to: folder, limits: small)
            var found = try contents(of: folder)
            #expect(found.removeValue(forKey: "wds/train/notes.txt") == Data("mine".utf8))
            #expect(found.removeValue(forKey: "other.json") == Data("mine".utf8))
            let fresh = try withTemporaryFolder { other in
                try DatasetFixture.write(9, to: other, limits: small)
                return try contents(of: other)
            }
            #expect(found == fresh)
        }
    }

    @Test func anExportThatIsNotFinishedChangesNothing() throws {
        try withTemporaryFolder { folder in
            try DatasetFixture.write(10, to: folder, limits: small)
            let before = try contents(of: folder)
            do {
                let writer = try DatasetWriter(directory: folder, plan: try DatasetFixture.plan(limits: small))
                for record in DatasetFixture.records(20) { try writer.append(record) }
                // As after a crash: nothing is cleaned up.
            }
            #expect(try contents(of: folder).filter { !$0.key.hasPrefix(".mvfleet-export/") } == before)
            #expect(try DatasetVerification.differences(directory: folder).isEmpty)
            let abandoned = try DatasetWriter(directory: folder, plan: try DatasetFixture.plan(limits: small))
            abandoned.abandon()
            #expect(try contents(of: folder) == before)
            try DatasetFixture.write(10, to: folder, limits: small)
            #expect(try contents(of: folder) == before)
        }
    }

    @Test func filesOfAnInterruptedPublicationAreKnownAsOurs() throws {
        try withTemporaryFolder { folder in
            try DatasetFixture.write(10, to: folder, limits: small)
            // A publication of more shards was cut after its journal and one rename.
            let stray = "wds/train/train-000009.tar"
            try Data([1]).write(to: URL(fileURLWithPath: folder + "/" + stray))
            try FileManager.default.createDirectory(atPath: folder + "/.mvfleet-export", withIntermediateDirectories: false)
            try JSONEncoder().encode([stray, "../../elsewhere", "other.json"]).write(to: URL(fileURLWithPath: folder + "/.mvfleet-export/published.json"))
            try Data("mine".utf8).write(to: URL(fileURLWithPath: folder + "/other.json"))
            try DatasetFixture.write(10, to: folder, limits: small)
            #expect(try DatasetVerification.differences(directory: folder).isEmpty)
            #expect(!FileManager.default.fileExists(atPath: folder + "/" + stray))
            #expect(FileManager.default.fileExists(atPath: folder + "/other.json"))
            #expect(!FileManager.default.fileExists(atPath: folder + "/.mvfleet-export"))
        }
    }

    @Test(arguments: ["manifest.json", "hf/README.md", "wds/train/train-000000.tar"]) func foreignFilesAreNeverOverwritten(path: String) throws {
        try withTemporaryFolder { folder in
            let url = URL(fileURLWithPath: folder + "/" + path)
            try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("{\"mine\": 1}".utf8).write(to: url)
            let error = #expect(throws: DatasetError.self) { try DatasetFixture.write(5, to: folder) }
            #expect(error?.code == .foreignFile)
            #expect(try Data(contentsOf: url) == Data("{\"mine\": 1}".utf8))
        }
    }

    @Test func aStagingFolderThatLeadsElsewhereIsRefused() throws {
        try withTemporaryFolder { folder in
            try FileManager.default.createDirectory(atPath: folder + "/elsewhere", withIntermediateDirectories: false)
            try Data([1]).write(to: URL(fileURLWithPath: folder + "/elsewhere/mine"))
            try FileManager.default.createSymbolicLink(atPath: folder + "/.mvfleet-export", withDestinationPath: folder + "/elsewhere")
            #expect(throws: DatasetError.self) { try DatasetFixture.write(1, to: folder) }
            #expect(try contents(of: folder)["elsewhere/mine"] == Data([1]))
        }
    }

    @Test func twoExportsIntoOneDirectoryDoNotMeet() throws {
        try withTemporaryFolder { folder in
            let writer = try DatasetWriter(directory: folder, plan: try DatasetFixture.plan())
            let error = #expect(throws: DatasetError.self) { try DatasetWriter(directory: folder, plan: try DatasetFixture.plan()) }
            #expect(error?.code == .busy && error?.isRetriable == true)
            #expect(try writer.finish().samples == 0)
        }
    }

    @Test func recordsThatMayNotBeWrittenAreRefusedAndTheNextOneIsNot() throws {
        try withTemporaryFolder { folder in
            let writer = try DatasetWriter(directory: folder, plan: try DatasetFixture.plan())
            func refusal(_ record: DatasetRecord) -> DatasetError.Code? {
                #expect(throws: DatasetError.self) { try writer.append(record) }?.code
            }
            var records = (0..<3).map { DatasetFixture.record($0, side: .train, group: "artist:x") }
            for number in records.indices { records[number].clipID = "clip-\(number)" }
            try writer.append(records[1])
            #expect(refusal(records[0]) == .recordOrder && refusal(records[1]) == .recordOrder)
            var leak = records[2]
            leak.split = .test
            #expect(refusal(leak) == .splitLeak)
            var infinite = records[2]
            infinite.visual.motion = .infinity
            #expect(refusal(infinite) == .recordInvalid)
            try writer.append(records[2])
            #expect(try writer.finish().samples == 2)
            #expect(refusal(records[2]) == .closed)
            #expect(throws: DatasetError.self) { try writer.finish() }
        }
    }

    @Test func shardsAreClosedByBytesToo() throws {
        try withTemporaryFolder { folder in
            let manifest = try DatasetFixture.write(30, to: folder, limits: ShardLimits(bytesPerTar: 20_000, bytesPerParquet: 1, rowsPerGroup: 2, bytesPerGroup: 1))
            let tars = manifest.files.filter { $0.path.hasPrefix("wds/train/") }
            #expect(tars.count > 3 && tars.allSatisfy { $0.bytes <= 20_000 + 1_024 && $0.samples >= 1 })
            #expect(manifest.files.filter { $0.path.hasPrefix("hf/data/train") }.count == 22)
        }
    }

    @Test func aManifestThatNamesOtherFilesIsRefused() throws {
        try withTemporaryFolder { folder in
            var manifest = try DatasetFixture.write(2, to: folder)
            manifest.files[0].path = "../secret"
            try JSONEncoder().encode(manifest).write(to: URL(fileURLWithPath: folder + "/manifest.json"))
            let error = #expect(throws: DatasetError.self) { try DatasetVerification.differences(directory: folder) }
            #expect(error?.code == .manifestInvalid)
            #expect(throws: DatasetError.self) { try DatasetManifest.read(directory: folder + "/nowhere") }
        }
    }
}
