import FleetModel
import Foundation
import Stages
import Testing

struct MediaSourceTests {
    private func withFile(_ bytes: [UInt8], _ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-source-\(UUID().uuidString)").path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    @Test func `the file that was ingested passes, however long it is`() throws {
        // Past one piece of reading, and not a whole number of them.
        let bytes = (0..<(1 << 20) + 4321).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try withFile(bytes) { path in
            try MediaSource.verify(path, is: Digest.of(bytes))
            try MediaSource.verify(path, is: nil)
        }
    }

    @Test func `a file that changed since is not read as if it had not`() throws {
        try withFile([1, 2, 3]) { path in
            #expect { try MediaSource.verify(path, is: Digest.of([1, 2, 4] as [UInt8])) } throws: { error in
                (error as? FleetError)?.code == .sourceChanged && "\(error)".contains(path)
            }
        }
    }

    @Test func `a file that went is named`() {
        #expect { try MediaSource.verify("/no/such/clip.mp4", is: Digest.of("x")) } throws: { error in
            (error as? FleetError)?.code == .sourceGone && "\(error)".contains("/no/such/clip.mp4")
        }
    }

    @Test func `a directory in a file's place does not pass`() {
        #expect(throws: FleetError.self) { try MediaSource.verify(FileManager.default.temporaryDirectory.path, is: Digest.of("x")) }
    }
}
