import FleetModel
import Foundation

/// Content-addressed files under one directory: `ab/cdef…` by SHA-256. A blob is written under a temporary name, synced and renamed, so
/// that whoever sees its name sees all of it; writing the same bytes twice is harmless.
public struct BlobStore: Sendable {
    public let directory: String
    /// Another store's directory, which is read where this one lacks a blob.
    public let beneath: String?

    public init(directory: String, beneath: String? = nil) {
        self.directory = directory
        self.beneath = beneath
    }

    /// Where a blob lies, whether or not it is there.
    public func path(of digest: Digest) -> String {
        let hex = digest.hex
        return "\(directory)/\(hex.prefix(2))/\(hex.dropFirst(2))"
    }

    /// - Returns: the digest under which `bytes` can be read back.
    public func put(_ bytes: [UInt8]) throws(FleetError) -> Digest {
        let digest = Digest.of(bytes)
        let path = path(of: digest)
        // A blob of this name and size is this blob: names are digests, and files are complete before they get their name.
        // Its date is set to now, so that a collection leaves it to the result that is about to name it; one that was collected a moment ago cannot be dated.
        if let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int, size == bytes.count, utimensat(AT_FDCWD, path, nil, 0) == 0 { return digest }
        let folder = (path as NSString).deletingLastPathComponent
        let temporary = "\(directory)/.incoming-\(UUID().uuidString)"
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            guard FileManager.default.createFile(atPath: temporary, contents: nil, attributes: [.posixPermissions: 0o640]) else {
                throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: temporary])
            }
            let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: temporary))
            do {
                try handle.write(contentsOf: bytes)
                try handle.synchronize()
                try handle.close()
            } catch {
                try? handle.close()
                throw error
            }
            guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path]) }
            return digest
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw FleetError("blob.write", "a blob of \(bytes.count) bytes could not be written below \(directory): check that the disk has room and that the directory is writable", cause: error, isRetriable: true)
        }
    }

    /// In bytes; nil where the blob is not there.
    public func size(of digest: Digest) -> Int? {
        let places = [path(of: digest)] + (beneath.map { [BlobStore(directory: $0).path(of: digest)] } ?? [])
        return places.lazy.compactMap { (try? FileManager.default.attributesOfItem(atPath: $0))?[.size] as? Int }.first
    }

    /// The blob's bytes, checked against its name.
    public func get(_ digest: Digest) throws(FleetError) -> [UInt8] {
        let path = path(of: digest)
        // A collection has it aside for a moment while it looks at its date, and puts it back where somebody has dated it anew.
        let places = [path, asidePath(of: digest), path] + (beneath.map { [BlobStore(directory: $0).path(of: digest)] } ?? [])
        guard let data = places.lazy.compactMap({ FileManager.default.contents(atPath: $0) }).first else {
            throw FleetError("blob.missing", "blob \(digest) is not at \(path): the ledger and this blob directory do not belong together (see MVFLEET_DATA_DIR)")
        }
        guard Digest.of(data) == digest else {
            throw FleetError("blob.damaged", "the file \(path) does not hold what its name says: delete it and relabel the clips that use it")
        }
        return Array(data)
    }
}
