import FleetModel
import Foundation
import Ledger

/// Results that refer to blobs which are not in the store.
public struct MissingBlobs: Sendable, Equatable {
    public var blobs = 0
    /// Ascending.
    public var tasks: [Int64] = []

    public init() {}

    /// Looks each blob up that any result refers to.
    public static func find(in ledger: Ledger, _ store: BlobStore, progress: (Int) -> Void = { _ in }) async throws -> MissingBlobs {
        var found = MissingBlobs(), looked = 0, missing = DigestSet()
        try await ledger.blobReferences { page in
            for reference in page where BlobStore.Status(store.path(of: reference.blob)) == nil {
                if missing.insert(reference.blob) { found.blobs += 1 }
                if found.tasks.last != reference.task { found.tasks.append(reference.task) }
            }
            looked += page.count
            progress(looked)
        }
        return found
    }
}
