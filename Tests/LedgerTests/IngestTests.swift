import FleetModel
import Ledger
import PostgreSQL
import Testing

@Suite(.enabled(if: LedgerFixture.serverURL != nil, "needs MVFLEET_TEST_DATABASE_URL"))
struct IngestTests {
    @Test func aSecondIngestReportsWhatIsNew() async throws {
        try await LedgerFixture.with { fixture in
            var report = try await fixture.ledger.ingest(Sample.clips(10), into: "sample")
            #expect(report.added == 10 && report.total == 10)
            report = try await fixture.ledger.ingest(Sample.clips(10), into: "sample")
            #expect(report == { var same = IngestReport(); same.unchanged = 10; return same }())
            var clips = Sample.clips(11)
            clips.remove(at: 3)
            clips[0].title = "another"
            report = try await fixture.ledger.ingest(clips, into: "sample")
            #expect(report.added == 1 && report.changed == 1 && report.unchanged == 8 && report.gone == 1)
            #expect(try await fixture.ledger.collections() == [CollectionInfo(name: "sample", clips: 10, gone: 1)])
            // Back again: added, as the same version.
            report = try await fixture.ledger.ingest([Sample.clip(3)], into: "sample", isComplete: false)
            #expect(report.added == 1 && report.gone == 0)
            #expect(try await fixture.number("SELECT count(*) FROM clip_version") == 12)
        }
    }

    @Test func oldVersionsStay() async throws {
        try await LedgerFixture.with { fixture in
            let job = try await fixture.job(clips: 1)
            var changed = Sample.clip(0)
            changed.title = "another"
            _ = try await fixture.ledger.ingest([changed], into: "sample")
            #expect(try await fixture.ledger.results(of: job).first?.clip.title == "Title 0")
        }
    }

    @Test func repeatedKeysAreReportedAndTheFirstCounts() async throws {
        try await LedgerFixture.with { fixture in
            var second = Sample.clip(1)
            second.title = "second"
            let batches = [[Sample.clip(0), Sample.clip(1), second], [second, Sample.clip(2)]]
            let report = try await fixture.ledger.ingest(AsyncStream { continuation in
                for batch in batches { continuation.yield(batch) }
                continuation.finish()
            }, into: "sample")
            #expect(report.added == 3 && report.duplicates == ["clip-000001", "clip-000001"])
            #expect(try await fixture.number("SELECT count(*) FROM clip_version WHERE document LIKE '%second%'") == 0)
        }
    }

    @Test func aKeyThatCannotBeStoredIsRefusedByName() async throws {
        try await LedgerFixture.with { fixture in
            for key in ["", "a\0b", String(repeating: "k", count: 201)] {
                let error = await #expect(throws: FleetError.self) { try await fixture.ledger.ingest([Clip(id: key)], into: "sample") }
                #expect(error?.code == "ingest.key")
            }
        }
    }

    @Test func wordsWithNulAreStored() async throws {
        try await LedgerFixture.with { fixture in
            var clip = Sample.clip(0)
            clip.lyrics = "a\0b"
            _ = try await fixture.ledger.ingest([clip], into: "sample")
            let job = try await fixture.ledger.submit(JobRequest(name: "nul", collection: "sample", graph: try Sample.diamond()))
            _ = try await fixture.ledger.plan(job)
            #expect(try await fixture.claim("audio").first?.clip == clip)
        }
    }

    @Test func twoIngestsOfOneCollectionAtOnceAgree() async throws {
        try await LedgerFixture.with { fixture in
            try await withThrowingTaskGroup(of: IngestReport.self) { group in
                for _ in 0..<2 { group.addTask { try await fixture.ledger.ingest(Sample.clips(500), into: "sample") } }
                var added = 0
                for try await report in group { added += report.added }
                #expect(added == 500)
            }
        }
    }
}
