import Fleet
import FleetModel
import Foundation
import Testing

@Suite struct BlobCollectionTests {
    private static func withStore(_ body: (BlobStore) throws -> Void) throws {
        let store = BlobStore(directory: NSTemporaryDirectory() + "blobs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: store.directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: store.directory) }
        try body(store)
    }

    private static func date(_ path: String, _ date: Date) throws {
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
    }

    private static let longAgo = Date(timeIntervalSinceNow: -1_000_000)
    private static let limit = Date(timeIntervalSinceNow: -7_200)

    @Test func `what is marked or young stays, the rest goes`() throws {
        try Self.withStore { store in
            let blobs = try (0..<20).map { try store.put(Array("blob \($0)".utf8)) }
            for blob in blobs.dropLast(5) { try Self.date(store.path(of: blob), Self.longAgo) }
            var marks = BlobMarks()
            for blob in blobs.prefix(6) { marks.insert(blob) }
            try Data("not ours".utf8).write(to: URL(fileURLWithPath: store.directory + "/notes.txt"))
            let dry = try store.collect(keeping: marks, datedBefore: Self.limit, dryRun: true)
            #expect(blobs.allSatisfy { FileManager.default.fileExists(atPath: store.path(of: $0)) })
            let report = try store.collect(keeping: marks, datedBefore: Self.limit)
            #expect(report == dry)
            #expect(report.kept == 6 && report.young == 5 && report.removed == 9 && report.removedBytes == 59)
            for (number, blob) in blobs.enumerated() {
                #expect(FileManager.default.fileExists(atPath: store.path(of: blob)) == (number < 6 || number >= 15))
            }
            #expect(FileManager.default.fileExists(atPath: store.directory + "/notes.txt"))
        }
    }

    /// A blob that is put again, though it lay there, is somebody's new work.
    @Test func `a blob that is put again is young`() throws {
        try Self.withStore { store in
            let blob = try store.put(Array("again".utf8))
            try Self.date(store.path(of: blob), Self.longAgo)
            #expect(try store.put(Array("again".utf8)) == blob)
            #expect(try store.collect(keeping: BlobMarks(), datedBefore: Self.limit).young == 1)
            #expect(try store.get(blob) == Array("again".utf8))
        }
    }

    @Test func `what a killed collection had set aside comes back where it is needed`() throws {
        try Self.withStore { store in
            let (needed, needless) = (try store.put(Array("needed".utf8)), try store.put(Array("needless".utf8)))
            for blob in [needed, needless] {
                try Self.date(store.path(of: blob), Self.longAgo)
                try FileManager.default.moveItem(atPath: store.path(of: blob), toPath: "\(store.directory)/.leaving-\(blob)")
            }
            try Data("half".utf8).write(to: URL(fileURLWithPath: store.directory + "/.incoming-1"))
            try Self.date(store.directory + "/.incoming-1", Self.longAgo)
            var marks = BlobMarks()
            marks.insert(needed)
            _ = try store.collect(keeping: marks, datedBefore: Self.limit)
            #expect(try store.get(needed) == Array("needed".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: store.directory).filter { $0.hasPrefix(".") } == [])
        }
    }

    @Test func `a blob can be read while a collection has it aside`() throws {
        let store = BlobStore(directory: NSTemporaryDirectory() + "blobs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: store.directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: store.directory) }
        let blob = try store.put(Array("contents".utf8))
        try FileManager.default.moveItem(atPath: store.path(of: blob), toPath: "\(store.directory)/.leaving-\(blob)")
        #expect(try store.get(blob) == Array("contents".utf8))
    }

    /// Writers put the same blobs over and over while they are collected: whatever `put` has returned can be read.
    @Test func `no writer loses a blob to a collection`() async throws {
        let store = BlobStore(directory: NSTemporaryDirectory() + "blobs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: store.directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: store.directory) }
        let contents = (0..<8).map { Array("contents \($0)".utf8) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<400 {
                    let bytes = contents[round % contents.count]
                    let blob = Digest.of(bytes)
                    try? Self.date(store.path(of: blob), Self.longAgo)
                    let before = try store.put(bytes)
                    #expect(try store.get(before) == bytes)
                }
            }
            group.addTask {
                for _ in 0..<60 { _ = try store.collect(keeping: BlobMarks(), datedBefore: Self.limit) }
            }
            try await group.waitForAll()
        }
    }
}
