import Foundation

/// The measuring ground of the model's tests, which lies beside the repository; tests that need it are skipped visibly where it is not.
enum TinyCheckpoint {
    static let path: String = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let data = ProcessInfo.processInfo.environment["MVFLEET_SHARED_DATA"].map { URL(fileURLWithPath: $0) } ?? root.appendingPathComponent("../shared/data")
        return data.appendingPathComponent("model/tiny_a").standardizedFileURL.path
    }()

    static var isThere: Bool { FileManager.default.fileExists(atPath: path) }
}
