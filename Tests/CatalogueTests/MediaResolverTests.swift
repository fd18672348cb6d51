import Catalogue
import FleetModel
import Foundation
import Synchronization
import Testing

@Suite struct MediaResolverTests {
    private actor MemoryCache: DigestCache {
        private var digests: [FileIdentity: Digest] = [:]
        func digest(of file: FileIdentity) -> Digest? { digests[file] }
        func store(_ digest: Digest, of file: FileIdentity) { digests[file] = digest }
    }

    @Test func aFileIsReadOnceAndThenKnown() async throws {
        let folder = try TemporaryFolder()
        let bytes = [UInt8](repeating: 7, count: 3 << 20)
        try folder.write("v.mp4", bytes)
        let read = Counter()
        let resolver = MediaResolver(root: folder.path, cache: MemoryCache()) { read.add($0) }
        let entry = CatalogueEntry(clip: Clip(id: "v"), audio: NamedMedium("v.mp4"), video: NamedMedium("v.mp4"))
        let clip = try await resolver.resolve(entry)
        #expect(clip.audio == clip.video && clip.audio?.sha256 == Digest.of(bytes) && read.value == bytes.count)
        #expect(try await resolver.resolve(entry) == clip && read.value == bytes.count)
        try folder.write("v.mp4", "new")
        #expect(try await resolver.resolve(entry).audio?.sha256 == Digest.of("new"))
    }

    @Test func clipsComeBackInTheirOrder() async throws {
        let folder = try TemporaryFolder()
        for index in 0..<20 { try folder.write("\(index).mp3", String(repeating: "x", count: (20 - index) * 10_000)) }
        let entries = (0..<20).map { CatalogueEntry(clip: Clip(id: "\($0)"), audio: NamedMedium("\($0).mp3")) }
        let clips = try await MediaResolver(root: folder.path).resolve(entries, parallel: 4)
        #expect(clips.map(\.id) == (0..<20).map(String.init) && clips.allSatisfy { $0.audio != nil })
    }

    @Test func aCancelledResolutionThrows() async throws {
        let folder = try TemporaryFolder()
        try folder.write("a.mp3", [UInt8](repeating: 1, count: 4 << 20))
        let resolver = MediaResolver(root: folder.path)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await resolver.digest(of: folder.path + "/a.mp3")
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func foldersAndFilesThatAreNotThereAreMissing() async throws {
        let folder = try TemporaryFolder()
        try folder.write("d.mp4/x.txt", "")
        let entry = CatalogueEntry(clip: Clip(id: "x"), audio: NamedMedium("none.mp3"), video: NamedMedium("d.mp4"))
        #expect(try await MediaResolver(root: folder.path).resolve(entry).missing == ["audio": "none.mp3 is not there", "video": "d.mp4 is no regular file"])
    }
}

private final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { @inline(never) get { count.withLock { $0 } } }
    func add(_ amount: Int) { count.withLock { $0 += amount } }
}
