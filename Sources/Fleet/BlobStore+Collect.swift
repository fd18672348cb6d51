import FleetModel
import Foundation

/// Which blobs are to be kept, in eight bytes a blob: two blobs whose digests begin alike are kept together, which does no harm.
public struct BlobMarks: Sendable {
    private var prefixes: Set<UInt64> = []

    public init() {}

    public var count: Int { prefixes.count }
    public mutating func insert(_ blob: Digest) { prefixes.insert(BlobMarks.prefix(blob)) }
    public func contains(_ blob: Digest) -> Bool { prefixes.contains(BlobMarks.prefix(blob)) }

    private static func prefix(_ blob: Digest) -> UInt64 { blob.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
}

extension BlobStore {
    public struct CollectionReport: Sendable, Equatable {
        public var kept = 0
        public var keptBytes = 0
        /// Not marked, but too young to go: a result that names them may be about to be written.
        public var young = 0
        public var removed = 0
        public var removedBytes = 0

        public init() {}
    }

    /// Removes blobs that are neither marked nor younger than `limit`, and what a writer or a collection that was killed has left.
    ///
    /// Safe beside writers: a file is moved aside before its date is looked at for the last time. A writer that found it before has dated it anew, so it moves
    /// back; one that comes after does not find it, and writes it again. A kill on the way is made good by the next collection.
    ///
    /// - Parameters:
    ///   - limit: blobs dated later stay, whether marked or not. Older than any work under way when the marks were taken.
    ///   - progress: called with how many of the 256 folders are done.
    /// - Throws: `blob.collect` where a file cannot be looked at or removed.
    public func collect(keeping marks: BlobMarks, datedBefore limit: Date, dryRun: Bool = false, progress: (Int) -> Void = { _ in }) throws(FleetError) -> CollectionReport {
        var report = CollectionReport()
        do {
            if !dryRun { try clearRemains(marks, limit) }
            for folder in 0..<256 {
                let name = (folder < 16 ? "0" : "") + String(folder, radix: 16)
                for file in (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/\(name)")) ?? [] {
                    // What is not named by a digest is not ours.
                    guard let blob = Digest(hex: name + file), let status = Status("\(directory)/\(name)/\(file)") else { continue }
                    if marks.contains(blob) {
                        report.kept += 1
                        report.keptBytes += status.size
                    } else if status.date >= limit {
                        report.young += 1
                    } else if try dryRun || remove(blob, limit) {
                        report.removed += 1
                        report.removedBytes += status.size
                    } else {
                        report.young += 1
                    }
                }
                progress(folder + 1)
            }
        } catch {
            throw FleetError("blob.collect", "blobs below \(directory) cannot be collected: check that this user may write there; what was removed so far stays removed", cause: error)
        }
        return report
    }

    /// Where a file waits while its fate is settled.
    private static let asidePrefix = ".leaving-"

    func asidePath(of blob: Digest) -> String { "\(directory)/\(BlobStore.asidePrefix)\(blob)" }

    /// - Returns: false where somebody has dated it anew.
    private func remove(_ blob: Digest, _ limit: Date) throws -> Bool {
        let aside = asidePath(of: blob)
        try move(path(of: blob), aside)
        guard let status = Status(aside), status.date < limit else {
            try move(aside, path(of: blob))
            return false
        }
        guard unlink(aside) == 0 || errno == ENOENT else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return true
    }

    private func clearRemains(_ marks: BlobMarks, _ limit: Date) throws {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            let path = "\(directory)/\(name)"
            guard let status = Status(path) else { continue }
            if name.hasPrefix(BlobStore.asidePrefix), let blob = Digest(hex: name.dropFirst(BlobStore.asidePrefix.count)) {
                if marks.contains(blob) || status.date >= limit {
                    try move(path, self.path(of: blob))
                } else {
                    unlink(path)
                }
            } else if name.hasPrefix(".incoming-"), status.date < limit {
                unlink(path)
            }
        }
    }

    private func move(_ from: String, _ to: String) throws {
        guard rename(from, to) == 0 || errno == ENOENT else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    }

    /// Size and date of a plain file.
    struct Status {
        var size: Int
        var date: Date

        init?(_ path: String) {
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            size = Int(status.st_size)
            date = Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9)
        }
    }
}
