import Catalogue
import FleetModel
import Foundation
import Testing

@Suite struct Music4AllTests {
    @Test func tablesAreJoinedNumbersAreReadAndMissingMediaAreReported() async throws {
        let folder = try TemporaryFolder()
        try folder.write("id_information.csv", "id\tartist\tsong\talbum_name\nAAAA\tAnn Other\t\"Heroes\" (live)\tOne\nBBBB\tBen\tTwo, Three\tTwo\n\tx\ty\tz\n")
        try folder.write("id_metadata.csv", "id\tspotify_id\tpopularity\trelease\tenergy\tkey\nBBBB\tsp\t52.0\t2012\t0.25\t6.0\nAAAA\tsp2\t1\t1999\tn/a\t0.0\n")
        try folder.write("id_genres.csv", "id\tgenres\nAAAA\tpop,indie rock\n")
        try folder.write("id_tags.csv", "id,tags\nBBBB,\"rock,dreamy\"\n")
        try folder.write("audios/AAAA.mp3", "a")
        try folder.write("videos/AAAA.webm", "v")
        try folder.write("audios/BBBB.mp3", "b")
        try folder.write("lyrics/BBBB.txt", "some words\n")
        let (clips, reader) = try await folder.read()
        #expect(clips.map(\.id) == ["AAAA", "BBBB"])
        #expect(clips[0].title == "\"Heroes\" (live)" && clips[0].artist == "Ann Other" && clips[0].genres == ["pop", "indie rock"])
        #expect(clips[0].video?.sha256 == Digest.of("v") && clips[0].audio?.sha256 == Digest.of("a") && clips[0].missing == [:])
        #expect(clips[0].metadata == ["popularity": 1, "release": 1999, "key": 0])
        #expect(clips[1].metadata == ["popularity": 52, "release": 2012, "energy": 0.25, "key": 6])
        #expect(clips[1].tags == ["rock", "dreamy"] && clips[1].lyrics == "some words" && clips[1].title == "Two, Three")
        #expect(clips[1].missing == ["video": "videos/BBBB.* is not there"] && clips[1].video == nil)
        #expect(reader.problems.first.map(\.file) == ["id_lang.csv", "id_information.csv"] && reader.problems.first[1].line == 4)
    }

    @Test func anIDThatIsAPathLeadsNowhere() async throws {
        let folder = try TemporaryFolder()
        try folder.write("id_information.csv", "id,artist\n../secret,x\n")
        try folder.write("secret.txt", "no lyrics")
        let (clips, _) = try await folder.read()
        #expect(clips.count == 1 && clips[0].lyrics == nil && clips[0].audio == nil && clips[0].missing["audio"] == "the folder audios/ is not there")
    }
}

@Suite struct ManifestTests {
    @Test func jsonLinesGiveClipsAndBadLinesAreProblems() async throws {
        let folder = try TemporaryFolder()
        try folder.write("v.mp4", "picture")
        try folder.write("words.txt", "la la")
        let declared = Digest.of("another").hex
        var lines = Data("\u{feff}{\"id\":\"one\",\"video\":\"v.mp4\",\"artist\":\"A\",\"genres\":\"pop; rock\",\"lyrics_file\":\"words.txt\",\"metadata\":{\"energy\":0.5,\"x\":\"y\"}}\r\n".utf8)
        lines += Data("not json\n{\"id\":\"one\"}\n{\"id\":\"two\",\"tags\":7}\n\n".utf8)
        lines += Data([0x7b, 0xff, 0x7d, 10]) + Data(("{\"id\":\"" + String(repeating: "x", count: 1 << 21) + "\"}\n").utf8)
        lines += Data("{\"id\":\"far\",\"audio\":\"https://example.org/a.mp3\",\"video\":\"../v.mp4\"}\n".utf8)
        lines += Data("{\"id\":3,\"audio\":\"v.mp4\",\"audio_sha256\":\"\(declared)\",\"genres\":[\"a, b\"]}\n{\"audio\":\"gone.mp3\"}\n{\"id\":\"\"}\n{\"id\":\"bad\",\"video_sha256\":\"12\"}".utf8)
        try folder.write("manifest.jsonl", lines)
        let (clips, reader) = try await folder.read()
        #expect(clips.map(\.id) == ["one", "far", "3", "gone"])
        #expect(clips[0].audio == clips[0].video && clips[0].video?.sha256 == Digest.of("picture") && clips[0].lyrics == "la la")
        #expect(clips[0].genres == ["pop", "rock"] && clips[0].metadata == ["energy": 0.5])
        #expect(clips[1].missing["audio"] == "remote media are not fetched yet" && clips[1].missing["video"]?.contains("outside") == true)
        #expect(clips[2].audio?.sha256.hex == declared && clips[2].video == nil && clips[2].genres == ["a, b"])
        #expect(clips[3].missing == ["audio": "gone.mp3 is not there"])
        let problems = reader.problems.first
        #expect(problems.map(\.line) == [2, 3, 4, 6, 7, 11, 12] && problems.map(\.field) == [nil, "id", "tags", nil, nil, "id", "video_sha256"])
        #expect(problems.allSatisfy { $0.file == "manifest.jsonl" && !$0.cause.isEmpty && !$0.remedy.isEmpty } && reader.problems.count == 7)
    }

    @Test func tablesFollowRFC4180() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a b.mp3", "sound")
        try folder.write("list.csv", "id,audio,title,genres,metadata.energy,valence,note\r\n1,a b.mp3,\"He said \"\"no\"\",\r\nthen left\",pop|rock,0.5,6.0,text\r\n2,\"\",,,,,\n3,x,y,z,1,2,3,4\n4,\"open\n")
        let (clips, reader) = try await folder.read("list.csv")
        #expect(clips.map(\.id) == ["1", "2"])
        #expect(clips[0].title == "He said \"no\",\nthen left" && clips[0].genres == ["pop", "rock"] && clips[0].metadata == ["energy": 0.5, "valence": 6])
        #expect(clips[0].audio?.path.hasSuffix("/a b.mp3") == true)
        #expect(reader.problems.first.map(\.line) == [5, 6])
    }

    @Test func aHundredThousandLinesAreReadInSeconds() throws {
        let folder = try TemporaryFolder()
        var text = ""
        for index in 0..<100_000 {
            text += "{\"id\":\"clip\(index)\",\"audio\":\"audio/\(index).mp3\",\"video\":\"video/\(index).mp4\",\"artist\":\"Artist \(index % 900)\",\"genres\":[\"pop\",\"rock\"],\"metadata\":{\"energy\":0.5,\"valence\":0.25}}\n"
        }
        try folder.write("manifest.jsonl", text)
        var reader = try Catalogue.open(folder.path).reader(batch: 1000)
        let clock = ContinuousClock()
        let elapsed = try clock.measure { while try reader.next() != nil {} }
        #expect(reader.count == 100_000 && reader.problems.count == 0)
        print("100,000 lines: \(elapsed)")
        #expect(elapsed < .seconds(20), "5 s on an idle machine")
    }
}

@Suite struct FolderTests {
    @Test func filesOfOneNameAreOneClipAndOthersAreCounted() async throws {
        let folder = try TemporaryFolder()
        for name in ["b/pair.mp3", "b/pair.mp4", "alone.MKV", "sound.flac", "two.mp4", "two.mkv", "notes.txt", ".hidden.mp3", ".git/x.mp3", "ü.mp3", "ö.mp3"] {
            try folder.write(name, name)
        }
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/outside.mp3", withDestinationPath: "/etc/hostname")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/inside.mp3", withDestinationPath: "sound.flac")
        let (clips, reader) = try await folder.read()
        let byID = Dictionary(uniqueKeysWithValues: clips.map { ($0.id, $0) })
        #expect(clips.count == 9 && reader.ignoredFiles == 1 && reader.problems.count == 0)
        #expect(byID["b-pair"]?.audio?.sha256 == Digest.of("b/pair.mp3") && byID["b-pair"]?.video?.sha256 == Digest.of("b/pair.mp4"))
        #expect(byID["alone"]?.audio == byID["alone"]?.video && byID["alone"]?.video != nil)
        #expect(byID["sound"]?.video == nil && byID["sound"]?.missing == [:] && byID["inside"]?.audio?.sha256 == Digest.of("sound.flac"))
        #expect(byID["two.mp4"] != nil && byID["two.mkv"] != nil)
        #expect(byID["outside"]?.missing["audio"]?.contains("outside of the catalogue's folder") == true)
        #expect(clips.count { $0.id.hasPrefix("__-") } == 2)
        #expect(try await folder.read().clips == clips)
    }

    @Test func whatIsNoCatalogueIsRefusedWithTheCause() throws {
        let folder = try TemporaryFolder()
        try folder.write("x.bin", "?")
        #expect { try Catalogue.open(folder.path + "/x.bin") } throws: { ($0 as? FleetError)?.code == "catalogue.unknown_layout" }
        #expect { try Catalogue.open(folder.path + "/none") } throws: { ($0 as? FleetError)?.code == "catalogue.missing" }
    }
}
