import Catalogue
import FleetModel
import Foundation
import Synchronization

/// Digests of files that were read before, in one JSON file: a second ingest reads only what is new. Losing it costs time, nothing else.
final class FileDigestCache: DigestCache {
    private struct Entry: Codable {
        var size: Int64
        var modified: Int64
        var inode: UInt64
        var sha256: Digest
    }

    private struct State {
        var entries: [String: Entry]
        var isChanged = false
    }

    private let path: String
    private let state: Mutex<State>

    init(path: String) {
        self.path = path
        let entries = FileManager.default.contents(atPath: path).flatMap { try? JSONDecoder().decode([String: Entry].self, from: $0) }
        state = Mutex(State(entries: entries ?? [:]))
    }

    @inline(never)
    func digest(of file: FileIdentity) -> Digest? {
        state.withLock { state in
            guard let entry = state.entries[file.path], entry.size == file.size, entry.modified == file.modified, entry.inode == file.inode else { return nil }
            return entry.sha256
        }
    }

    @inline(never)
    func store(_ digest: Digest, of file: FileIdentity) {
        state.withLock { state in
            state.entries[file.path] = Entry(size: file.size, modified: file.modified, inode: file.inode, sha256: digest)
            state.isChanged = true
        }
    }

    /// Written as a whole and renamed; a cache that cannot be written is done without.
    func save() {
        let entries: [String: Entry]? = state.withLock { state in
            defer { state.isChanged = false }
            return state.isChanged ? state.entries : nil
        }
        guard let entries, let data = try? JSONEncoder().encode(entries) else { return }
        try? data.write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
