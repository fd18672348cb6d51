import Dispatch
import FleetModel
import Foundation
import Synchronization

/// What identifies the bytes of a file without reading them.
public struct FileIdentity: Hashable, Sendable {
    /// Absolute, links resolved.
    public var path: String
    /// Bytes.
    public var size: Int64
    /// Nanoseconds since 1970.
    public var modified: Int64
    public var inode: UInt64

    public init(path: String, size: Int64, modified: Int64, inode: UInt64) {
        self.path = path
        self.size = size
        self.modified = modified
        self.inode = inode
    }
}

/// Remembers digests, so that a second ingest reads only what is new.
public protocol DigestCache: Sendable {
    func digest(of file: FileIdentity) async -> Digest?
    func store(_ digest: Digest, of file: FileIdentity) async
}

/// Finds the files of entries, keeps them inside the catalogue's root, and takes their digests.
public struct MediaResolver: Sendable {
    /// Bytes read at once.
    private static let piece = 1 << 20

    private let place: ContainedPath
    private let cache: (any DigestCache)?
    private let progress: @Sendable (Int) -> Void
    private let reading = DispatchQueue(label: "catalogue.digest", attributes: .concurrent)

    /// - Parameters:
    ///   - root: the catalogue's.
    ///   - progress: called with the number of bytes of each piece that was read, from any thread.
    public init(root: String, cache: (any DigestCache)? = nil, progress: @escaping @Sendable (Int) -> Void = { _ in }) {
        place = ContainedPath(root: root)
        self.cache = cache
        self.progress = progress
    }

    /// The clips of the entries, in their order, `parallel` of them at a time.
    ///
    /// - Throws: `CancellationError` only; what is wrong with a file is in its clip's `missing`.
    public func resolve(_ entries: [CatalogueEntry], parallel: Int = 2) async throws -> [Clip] {
        try await withThrowingTaskGroup(of: (Int, Clip).self) { group in
            var clips = entries.map(\.clip)
            var waiting = entries.enumerated().makeIterator()
            for _ in 0..<max(1, parallel) {
                guard let (place, entry) = waiting.next() else { break }
                group.addTask { (place, try await resolve(entry)) }
            }
            while let (place, clip) = try await group.next() {
                clips[place] = clip
                if let (place, entry) = waiting.next() { group.addTask { (place, try await resolve(entry)) } }
            }
            return clips
        }
    }

    /// The clip of one entry. A file that is audio and video is read once.
    public func resolve(_ entry: CatalogueEntry) async throws -> Clip {
        var clip = entry.clip
        var known: [String: MediaReference] = [:]
        for (field, named) in [("audio", entry.audio), ("video", entry.video)] {
            guard let named else { continue }
            do {
                let path = try path(of: named.name)
                let reference: MediaReference
                if let declared = named.declaredDigest {
                    reference = MediaReference(path: path, sha256: declared)
                } else if let before = known[path] {
                    reference = before
                } else {
                    reference = MediaReference(path: path, sha256: try await digest(of: path))
                }
                known[path] = reference
                if field == "audio" { clip.audio = reference } else { clip.video = reference }
            } catch let error as FleetError {
                clip.missing[field] = error.message
            }
        }
        return clip
    }

    /// SHA-256 of a file's bytes, from the cache where the file is as it was.
    ///
    /// - Throws: `FleetError` where the file cannot be read or changes meanwhile, `CancellationError`.
    public func digest(of path: String) async throws -> Digest {
        guard let status = FileStatus(path: path), status.isRegular else { throw FleetError(.sourceMissing, "\(path) is not there") }
        let identity = FileIdentity(path: path, size: status.size, modified: status.modified, inode: status.inode)
        if let digest = await cache?.digest(of: identity) { return digest }
        let digest = try await readDigest(of: path)
        guard FileStatus(path: path) == status else { throw FleetError(.sourceChanged, "\(path) changed while it was read: ingest again when it is complete", isRetriable: true) }
        await cache?.store(digest, of: identity)
        return digest
    }

    private func path(of name: String) throws(FleetError) -> String {
        switch place.place(of: name) {
        case .refused(let reason): throw FleetError(.sourceMissing, reason)
        case .inside(let path):
            guard let status = FileStatus(path: path) else { throw FleetError(.sourceMissing, "\(name.prefix(200)) is not there") }
            guard status.isRegular else { throw FleetError(.sourceMissing, "\(name.prefix(200)) is no regular file") }
            return path
        }
    }

    /// Reads on a thread of its own: a slow disk must not hold up the cooperative pool.
    private func readDigest(of path: String) async throws -> Digest {
        let isCancelled = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                reading.async { continuation.resume(with: Result { try blockingDigest(of: path, isCancelled) }) }
            }
        } onCancel: { isCancelled.set() }
    }

    private func blockingDigest(of path: String, _ isCancelled: CancellationFlag) throws -> Digest {
        do {
            let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            var builder = DigestBuilder()
            while let data = try handle.read(upToCount: Self.piece), !data.isEmpty {
                if isCancelled.isSet { throw CancellationError() }
                builder.update(data)
                progress(data.count)
            }
            return builder.finalize()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw FleetError(.sourceMissing, "\(path) cannot be read: check its permissions", cause: error)
        }
    }
}

/// Set once, read between pieces.
private final class CancellationFlag: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
