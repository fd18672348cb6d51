import Foundation

/// What these tests need from outside.
enum Given {
    static let binary = ProcessInfo.processInfo.environment["MVFLEET_TEST_BINARY"].flatMap { $0.isEmpty ? nil : $0 }
    static let sharedData = ProcessInfo.processInfo.environment["MVFLEET_SHARED_DATA"]
        ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("shared/data").path
    static let giantPicture = sharedData + "/video/bad/b12_raw_30000.avi"
    static let clips = sharedData + "/video/clips"
    static let tinyModel = sharedData + "/model/tiny_a"
}
