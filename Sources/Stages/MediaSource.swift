import FleetModel
import Foundation
import Media

/// The bytes that a stage is about to read are those that were ingested, or the task ends here (a file may change between the two).
package enum MediaSource {
    private static let piece = 1 << 20

    /// - Throws: `source.gone` or `source.changed`.
    package static func verify(_ path: String, is expected: Digest?) throws(FleetError) {
        guard let expected else { return }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw FleetError(.sourceGone, "\(path) is not there any more, or may not be read: put it back, or ingest the catalogue again", isRetriable: true)
        }
        defer { try? handle.close() }
        var builder = DigestBuilder()
        do {
            while let data = try handle.read(upToCount: piece), !data.isEmpty { builder.update(data) }
        } catch {
            throw FleetError(.sourceGone, "\(path) cannot be read to its end: check the disk", cause: error, isRetriable: true)
        }
        guard builder.finalize() == expected else {
            throw FleetError(.sourceChanged, "\(path) is not the file that was ingested: ingest the catalogue again, and submit the job again")
        }
    }
}

extension FleetError {
    /// Media errors keep their code: failures are listed and retried by it.
    init(_ error: MediaError) {
        self.init(Code(rawValue: error.code.rawValue), error.message, isRetriable: error.isRetriable)
        cause = error.cause
    }
}
