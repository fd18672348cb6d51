import Foundation

/// One way in which a directory is not what its manifest says.
public struct DatasetDifference: Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// The manifest names a file that is not there.
        case missing
        /// The file has another size.
        case size(expected: Int, found: Int)
        /// The file has other bytes.
        case checksum(expected: String, found: String)
        /// A file has a shard's name, so that libraries would load it, but the manifest does not name it.
        case unlisted
    }

    /// Relative to the dataset's directory.
    public var path: String
    public var kind: Kind

    public var description: String {
        switch kind {
        case .missing: "\(path): missing"
        case .size(let expected, let found): "\(path): \(found) bytes instead of \(expected)"
        case .checksum(let expected, let found): "\(path): SHA-256 \(found) instead of \(expected)"
        case .unlisted: "\(path): not in the manifest"
        }
    }
}

/// Compares a dataset's directory with its manifest.
public enum DatasetVerification {
    /// Reads and hashes every file.
    /// - Returns: by path; empty for a directory that is what its manifest says.
    /// - Throws: `dataset.manifest_invalid`, `dataset.io`.
    public static func differences(directory: String) throws -> [DatasetDifference] {
        let manifest = try DatasetManifest.read(directory: directory)
        var differences: [DatasetDifference] = []
        for file in manifest.files {
            guard let found = try BoundedFile.digest(directory + "/" + file.path) else {
                differences.append(DatasetDifference(path: file.path, kind: .missing))
                continue
            }
            if found.bytes != file.bytes {
                differences.append(DatasetDifference(path: file.path, kind: .size(expected: file.bytes, found: found.bytes)))
            } else if found.sha256 != file.sha256 {
                differences.append(DatasetDifference(path: file.path, kind: .checksum(expected: file.sha256, found: found.sha256)))
            }
        }
        let listed = Set(manifest.files.map(\.path))
        for folder in DatasetPath.shardFolders {
            // A folder that is not there holds no stray shard; what should be in it is reported as missing above.
            let names = (try? FileManager.default.contentsOfDirectory(atPath: directory + "/" + folder)) ?? []
            for path in names.map({ folder + "/" + $0 }) where DatasetPath.isOurs(path) && !listed.contains(path) {
                differences.append(DatasetDifference(path: path, kind: .unlisted))
            }
        }
        return differences.sorted { $0.path < $1.path }
    }
}
