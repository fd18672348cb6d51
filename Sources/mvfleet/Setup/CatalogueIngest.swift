import Catalogue
import FleetModel
import Foundation
import Ledger
import Synchronization

/// A catalogue on its way into the ledger: rows, then digests of the files, then clips.
enum CatalogueIngest {
    struct Report: Encodable {
        var collection: String
        var added: Int
        var changed: Int
        var unchanged: Int
        var gone: Int
        var missing_media: Int
        var ignored_files: Int
        var problems: [String]
        var problem_count: Int

        func rendered(_ collection: String) -> String {
            var text = "ingested \(collection): \(added.grouped) added, \(changed.grouped) changed, \(unchanged.grouped) unchanged, \(gone.grouped) gone"
            if missing_media > 0 { text += "; \(missing_media.grouped) media \(missing_media == 1 ? "file is" : "files are") missing" }
            if ignored_files > 0 { text += "; \(ignored_files.grouped) \(ignored_files == 1 ? "file is" : "files are") no media" }
            for problem in problems.prefix(20) { text += "\n  " + TextTable.printable(problem) }
            if problem_count > 20 { text += "\n  … and \((problem_count - 20).grouped) more problems" }
            return text
        }
    }

    /// - Throws: when there is nothing at `path` that could be a catalogue.
    static func open(_ path: String) throws -> Catalogue {
        try Catalogue.open(path)
    }

    /// - Throws: `catalogue.empty` when there is not one clip.
    static func ingest(_ catalogue: Catalogue, into collection: String, _ setup: FleetSetup) async throws -> Report {
        let cache = FileDigestCache(path: setup.configuration.dataDirectory + "/digests.json")
        let bytes = Atomic(0)
        let reading = Reading(reader: try catalogue.reader(), resolver: MediaResolver(root: catalogue.root, cache: cache) { bytes.add($0, ordering: .relaxed) })
        let display = Task {
            var display = ProgressDisplay()
            while !Task.isCancelled {
                // As often as people look.
                try await Task.sleep(for: .milliseconds(500))
                let clips = await reading.clips
                display.show([.init(label: "ingest", done: clips, total: clips, note: "\((bytes.load(ordering: .relaxed) >> 20).grouped) MiB read")])
            }
        }
        defer { display.cancel() }
        let ingested = try await setup.ledger.ingest(reading.batches(), into: collection)
        cache.save()
        let problems = await reading.problems
        let report = Report(collection: collection, added: ingested.added, changed: ingested.changed, unchanged: ingested.unchanged, gone: ingested.gone,
                            missing_media: await reading.missing, ignored_files: await reading.ignoredFiles,
                            problems: problems.first.map { "\($0.file)\($0.line.map { ":\($0)" } ?? "")\($0.field.map { " (\($0))" } ?? ""): \($0.cause); \($0.remedy)" },
                            problem_count: problems.count)
        return report
    }

    /// Reads and resolves batch by batch; at most two batches are in memory.
    private actor Reading {
        private var reader: CatalogueReader
        private let resolver: MediaResolver
        private(set) var clips = 0
        private(set) var missing = 0

        init(reader: CatalogueReader, resolver: MediaResolver) {
            self.reader = reader
            self.resolver = resolver
        }

        var problems: CatalogueProblems { reader.problems }
        var ignoredFiles: Int { reader.ignoredFiles }

        /// An error ends the stream with it, so that the ledger takes nothing that was not read for gone.
        nonisolated func batches() -> AsyncThrowingStream<[Clip], any Error> {
            AsyncThrowingStream { try await self.next() }
        }

        private func next() async throws -> [Clip]? {
            guard let entries = try reader.next() else {
                guard clips > 0 else {
                    let problem = reader.problems.first.first.map { " (\($0.file): \($0.cause))" } ?? ""
                    throw FleetError("catalogue.empty", "there is not one clip in the catalogue\(problem): put media files or a manifest there; is its disk mounted?")
                }
                return nil
            }
            let batch = try await resolver.resolve(entries)
            clips += batch.count
            missing += batch.reduce(0) { $0 + $1.missing.count }
            return batch
        }
    }
}
