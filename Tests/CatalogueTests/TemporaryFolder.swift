import Catalogue
import FleetModel
import Foundation

/// A folder that is gone when the test ends.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/catalogue-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ content: some Sequence<UInt8>) throws {
        let file = path + "/" + name
        try FileManager.default.createDirectory(atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(content).write(to: URL(fileURLWithPath: file))
    }

    func write(_ name: String, _ text: String) throws { try write(name, text.utf8) }

    /// The whole catalogue, resolved.
    func read(_ name: String = "", batch: Int = 2) async throws -> (clips: [Clip], reader: CatalogueReader) {
        let catalogue = try Catalogue.open(name.isEmpty ? path : path + "/" + name)
        var reader = try catalogue.reader(batch: batch)
        let resolver = MediaResolver(root: catalogue.root)
        var clips: [Clip] = []
        while let entries = try reader.next() { clips += try await resolver.resolve(entries) }
        return (clips, reader)
    }
}
