import Foundation

/// A dataset's directory while it is being written: locked against another export, with a staging folder whose finished files replace the
/// published ones one by one. Only files that a former export of ours wrote are replaced or removed.
final class DatasetDirectory {
    let path: String
    /// Absolute or relative as `path` is; empty of shards after `init`.
    let staging: String
    /// Paths that former exports wrote, an interrupted publication's included.
    private let former: Set<String>
    private let lock: FileHandle

    private var journal: String { staging + "/published.json" }

    /// - Throws: `dataset.busy`, `dataset.foreign_file`, `dataset.io`.
    init(path: String) throws {
        self.path = path
        staging = path + "/" + DatasetPath.staging
        try DatasetDirectory.createFolder(path)
        lock = try DatasetDirectory.lock(path)
        try DatasetDirectory.createFolder(staging)
        guard DatasetDirectory.kind(of: staging) == S_IFDIR else {
            throw DatasetError(.foreignFile, "'\(staging)' is a link; what it leads to is not touched. Remove it or choose another directory.")
        }
        former = try DatasetDirectory.formerPaths(path, journal: staging + "/published.json")
        try clearStaging(keepingJournal: true)
        for card in DatasetPath.cards { try refuseForeign(card) }
    }

    /// Puts the files and then the manifest in their places. Interrupted, it leaves a journal, from which the next export knows every file of ours.
    func publish(_ files: [StagedFile], manifest: [UInt8]) throws {
        for file in files { try refuseForeign(file.path) }
        let stagedManifest = try write(manifest, name: DatasetPath.manifest)
        try writeJournal(former.union(files.map(\.path)))
        for folder in Set(files.map { DatasetDirectory.folder(of: $0.path) }).sorted() { try DatasetDirectory.createFolder(path + "/" + folder) }

        for file in files { try move(file.stagedPath, to: file.path) }
        for stale in former.subtracting(files.map(\.path)).sorted() where unlink(path + "/" + stale) != 0 && errno != ENOENT && errno != ENOTDIR {
            throw DatasetError.system("remove", path + "/" + stale)
        }
        for folder in DatasetPath.shardFolders { _ = rmdir(path + "/" + folder) }     // stays unless empty
        for folder in ["wds/train", "wds/test", "wds", "hf/data", "hf"] { try synchronizeFolder(path + "/" + folder) }

        try move(stagedManifest, to: DatasetPath.manifest)
        try synchronizeFolder(path)
        try clearStaging(keepingJournal: false)
        unlock()
    }

    /// Writes a small file into the staging folder.
    /// - Returns: its path.
    func write(_ bytes: [UInt8], name: String) throws -> String {
        try stage(bytes, name: name, as: name).stagedPath
    }

    /// Writes a small file into the staging folder, to be published as `path`.
    func stage(_ bytes: [UInt8], name: String, as path: String) throws -> StagedFile {
        let file = try OutputFile(path: staging + "/" + name)
        try file.write(bytes)
        return StagedFile(stagedPath: file.path, path: path, bytes: bytes.count, sha256: try file.close(), samples: 0)
    }

    /// Removes the staging folder, with what was written there, and lets others write.
    func abandon() {
        // A journal is kept: the files that it names are still there. What cannot be removed now, the next export removes.
        try? clearStaging(keepingJournal: true)
        _ = rmdir(staging)
        unlock()
    }

    private func unlock() {
        _ = flock(lock.fileDescriptor, LOCK_UN)
    }

    private func refuseForeign(_ relative: String) throws {
        guard !former.contains(relative), DatasetDirectory.kind(of: path + "/" + relative) != nil else { return }
        throw DatasetError(.foreignFile, "'\(path)/\(relative)' is there already and no manifest of ours names it; move it away or choose another directory.")
    }

    private func writeJournal(_ paths: Set<String>) throws {
        let encoder = JSONEncoder()
        let bytes: Data
        do { bytes = try encoder.encode(paths.sorted()) } catch { throw DatasetError.system("write", journal, cause: error) }
        let staged = try write(Array(bytes), name: "published.new")
        guard rename(staged, journal) == 0 else { throw DatasetError.system("write", journal) }
        try synchronizeFolder(staging)
    }

    private func move(_ staged: String, to relative: String) throws {
        guard rename(staged, path + "/" + relative) == 0 else { throw DatasetError.system("write", path + "/" + relative) }
    }

    private func clearStaging(keepingJournal: Bool) throws {
        do {
            for name in try FileManager.default.contentsOfDirectory(atPath: staging).sorted() where !(keepingJournal && name == "published.json") {
                try FileManager.default.removeItem(atPath: staging + "/" + name)
            }
            if !keepingJournal { try FileManager.default.removeItem(atPath: staging) }
        } catch { throw DatasetError.system("clear", staging, cause: error) }
    }

    private static func formerPaths(_ path: String, journal: String) throws -> Set<String> {
        var paths: Set<String> = []
        let manifestPath = path + "/" + DatasetPath.manifest
        if let bytes = try BoundedFile.read(manifestPath, limit: DatasetManifest.maximumBytes) {
            do { paths.formUnion(try DatasetManifest.decode(bytes, path: manifestPath).files.map(\.path)) } catch {
                throw DatasetError(.foreignFile, "'\(manifestPath)' is not one of ours; move it away or choose another directory.", cause: String(describing: error))
            }
        }
        if let bytes = try BoundedFile.read(journal, limit: DatasetManifest.maximumBytes), let names = try? JSONDecoder().decode([String].self, from: bytes) {
            paths.formUnion(names.filter(DatasetPath.isOurs))
        }
        return paths
    }

    /// The kernel lets go of the lock when the process ends, however it ends.
    private static func lock(_ path: String) throws -> FileHandle {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DatasetError.system("open", path) }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            if errno != EWOULDBLOCK { throw DatasetError.system("lock", path) }
            throw DatasetError(.busy, "Another export is writing into '\(path)'; wait for it or choose another directory.", isRetriable: true)
        }
        return handle
    }

    /// The kind of what stands at `path`, links not followed; nil for nothing.
    private static func kind(of path: String) -> mode_t? {
        var information = stat()
        return lstat(path, &information) == 0 ? information.st_mode & S_IFMT : nil
    }

    private static func createFolder(_ path: String) throws {
        do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
            throw DatasetError.system("create the folder", path, cause: error)
        }
    }

    private static func folder(of relative: String) -> String {
        relative.lastIndex(of: "/").map { String(relative[..<$0]) } ?? ""
    }

    /// Brings renames to the disk; a folder that is not there has none.
    private func synchronizeFolder(_ folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT { return }
        guard descriptor >= 0 else { throw DatasetError.system("open", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw DatasetError.system("synchronize", folder) }
    }
}
