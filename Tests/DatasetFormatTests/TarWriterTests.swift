import Crypto
import DatasetFormat
import Foundation
import Testing

@Suite struct TarWriterTests {
    @Test func aHeaderIsByteForByteThatOfPythonsTarfile() throws {
        // tarfile.TarInfo("clip-1.json"), size 1234, mode 0o644, mtime 0, tobuf(tarfile.USTAR_FORMAT), Python 3.11: SHA-256 of the 512 bytes.
        let header = try TarWriter.header(name: "clip-1.json", size: 1_234)
        #expect(SHA256.hash(data: header).map { String(format: "%02x", $0) }.joined() == "d9f4c4a72678a2731d4705da5c5d3c8f61cd3a6d868fff98e414f983706b33a1")
    }

    @Test(arguments: ["", "a b", "ä", String(repeating: "x", count: 101)]) func refusesNamesThatDoNotFit(name: String) {
        #expect(throws: DatasetError.self) { try TarWriter.header(name: name, size: 1) }
    }

    @Test func aSamplesMembersAreAdjacentAndSortedAndHoldTheRecord() throws {
        try withTemporaryFolder { folder in
            try DatasetFixture.write(10, to: folder, limits: ShardLimits(samplesPerTar: 3))
            var seen: [String] = []
            for record in DatasetFixture.records(10) where record.split == .train { seen += [record.key.text + ".json", record.key.text + ".txt"] }
            let shards = try contents(of: folder).filter { $0.key.hasPrefix("wds/train/") }.sorted { $0.key < $1.key }
            let members = shards.flatMap { TarMembers.read(Array($0.value)) }
            #expect(members.map(\.name) == seen)
            #expect(shards.map(\.key) == ["wds/train/train-000000.tar", "wds/train/train-000001.tar", "wds/train/train-000002.tar"])
            let record = try #require(DatasetFixture.records(10).first { $0.split == .train })
            #expect(members.first?.contents == (try SampleJSON.encode(record.values, DatasetRecord.fields)))
            #expect(members.dropFirst().first?.contents == Array(record.text.utf8))
        }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/tar") || FileManager.default.isExecutableFile(atPath: "/bin/tar"), "needs tar"))
    func theTarToolReadsAShard() throws {
        try withTemporaryFolder { folder in
            try DatasetFixture.write(5, to: folder)
            let tar = Process()
            tar.executableURL = URL(fileURLWithPath: FileManager.default.isExecutableFile(atPath: "/usr/bin/tar") ? "/usr/bin/tar" : "/bin/tar")
            tar.arguments = ["-xf", folder + "/wds/train/train-000000.tar", "-C", folder]
            try tar.run()
            tar.waitUntilExit()
            #expect(tar.terminationStatus == 0)
            let record = try #require(DatasetFixture.records(5).first { $0.split == .train })
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/\(record.key).txt")) == Data(record.text.utf8))
        }
    }

    @Test func attachmentsAreMembersOfEverySampleOrRefused() throws {
        let jpg = try AttachmentName("jpg")
        let frame = try AttachmentName("frame01.jpg")
        try withTemporaryFolder { folder in
            let records = DatasetFixture.records(3)
            let writer = try DatasetWriter(directory: folder, plan: try DatasetFixture.plan(attachments: [jpg, frame]))
            #expect(throws: DatasetError.self) { try writer.append(records[0], attachments: [jpg: [1]]) }
            #expect(throws: DatasetError.self) { try writer.append(records[0], attachments: [jpg: [1], frame: [2], try AttachmentName("png"): [3]]) }
            for record in records { try writer.append(record, attachments: [jpg: [1], frame: [2]]) }
            #expect(try writer.finish().members == ["frame01.jpg", "jpg", "json", "txt"])
            let shard = try #require(try contents(of: folder)["wds/train/train-000000.tar"])
            let names = TarMembers.read(Array(shard)).map(\.name).prefix(4).map { String($0.drop { $0 != "." }) }
            #expect(names == [".frame01.jpg", ".jpg", ".json", ".txt"])
        }
    }

    @Test(arguments: ["json", "txt", "a.b.jpg", "JPG", "mp3", ".jpg", "jpg.", "", "x.npy", "averyveryverylong.jpg"]) func refusesOtherMemberNames(name: String) {
        #expect(throws: DatasetError.self) { try AttachmentName(name) }
    }
}

/// Reads the regular files of a USTAR archive, checking each header's checksum.
enum TarMembers {
    static func read(_ archive: [UInt8]) -> [(name: String, contents: [UInt8])] {
        var members: [(name: String, contents: [UInt8])] = []
        var offset = 0
        while offset + 512 <= archive.count, archive[offset] != 0 {
            let header = Array(archive[offset..<offset + 512])
            let number = { (range: Range<Int>) in Int(String(decoding: header[range].prefix { $0 != 0 && $0 != 32 }, as: UTF8.self), radix: 8) ?? -1 }
            let blanked = header.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
            guard number(148..<154) == blanked else { return members }
            let size = number(124..<135)
            members.append((String(decoding: header[0..<100].prefix { $0 != 0 }, as: UTF8.self), Array(archive[offset + 512..<offset + 512 + size])))
            offset += 512 + (size + 511) / 512 * 512
        }
        return members
    }
}
