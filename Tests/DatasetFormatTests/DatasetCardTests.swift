import DatasetFormat
import Foundation
import Testing

@Suite struct DatasetCardTests {
    private func cards(_ plan: DatasetPlan, records: Int) throws -> [String: String] {
        try withTemporaryFolder { folder in
            let writer = try DatasetWriter(directory: folder, plan: plan)
            for record in DatasetFixture.records(records) { try writer.append(record) }
            _ = try writer.finish()
            return try contents(of: folder).filter { $0.key.hasSuffix("README.md") }.mapValues { String(decoding: $0, as: UTF8.self) }
        }
    }

    @Test func eachCardDeclaresItsFilesAndFeaturesAndDescribesEveryField() throws {
        let cards = try cards(try DatasetFixture.plan(), records: 8)
        let hf = try #require(cards["hf/README.md"])
        let wds = try #require(cards["wds/README.md"])
        #expect(hf.contains("  - split: train\n    path: \"data/train-*.parquet\"\n  - split: test\n    path: \"data/test-*.parquet\"\n"))
        #expect(wds.contains("  - split: train\n    path: \"train/train-*.tar\"\n  - split: test\n    path: \"test/test-*.tar\"\n"))
        #expect(hf.contains("  - name: \"genres\"\n    list: string\n") && hf.contains("  - name: \"frames\"\n    list:\n    - name: \"index\"\n      dtype: int64\n"))
        #expect(wds.contains("  - name: \"json\"\n    struct:\n    - name: \"key\"\n") && wds.contains("  - name: \"__url__\"\n    dtype: string\n"))
        for card in [hf, wds] {
            for field in DatasetRecord.fields { #expect(card.contains("| `\(field.name)` | ")) }
            #expect(card.contains("| `music.chords[].start_s` | float64 |") && card.contains("| filtered | `video.static` | 3 |"))
            #expect(card.contains("arXiv:2503.11190") && card.contains(#"{"every_s":2}"#) && card.contains("| train | 6 | 6 |"))
        }
    }

    @Test func columnsThatAJobMadeComeLastAndADatasetWithoutThemIsWhatItWas() throws {
        var plan = try DatasetFixture.plan()
        let plain = try cards(plan, records: 8)
        plan.extras = [.prediction, .musicEmbedding]
        let more = try cards(plan, records: 8)
        for (name, card) in plain { #expect(!card.contains("music_embedding") && more[name]?.contains("| `music_embedding` | list of float64 |") == true, "\(name)") }
        let fields = DatasetRecord.fields(plan.extras).map(\.name)
        #expect(fields.dropLast(3) == DatasetRecord.fields.map(\.name)[...] && fields.suffix(3) == ["prediction", "prediction_status", "music_embedding"])
        var record = try #require(DatasetFixture.records(1).first)
        #expect(record.values(plan.extras).suffix(3) == [.string(""), .string("unfinished"), .list([])])
        record.prediction = PredictedText(text: "A tale.", status: .cut)
        record.musicEmbedding = [0.5]
        #expect(record.values(plan.extras).suffix(3) == [.string("A tale."), .string("cut"), .list([.float(0.5)])])
        #expect(record.values([]) == record.values)
    }

    @Test func aSideWithoutSamplesIsNoSplitOfTheCard() throws {
        #expect(try cards(try DatasetFixture.plan(), records: 1)["hf/README.md"]?.contains("split: train") == false)
        #expect(try cards(try DatasetFixture.plan(), records: 0)["hf/README.md"]?.contains("configs:") == false)
    }

    @Test func textsFromOutsideStayInTheirPlace() throws {
        let card = try #require(try cards(try DatasetFixture.plan(title: "a\"\u{301}: \\ \n---\n\u{2028}evil: true <b> [x](y)"), records: 2)["hf/README.md"])
        let lines = card.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[1] == "pretty_name: \"a\\\"\u{301}: \\\\  ---  evil: true <b> [x](y)\"")
        #expect(lines.count { $0 == "---" } == 2)
        #expect(card.contains("\\<b\\> \\[x\\](y)"))
    }
}
