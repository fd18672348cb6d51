import Checkpoints
import FoundationEssentials

/// Settings beside a checkpoint.
enum JSONFile {
    private static let mostBytes = 1 << 27

    /// - isOptional: whether a file that is not there is no error.
    /// - Throws: `ModelError.checkpoint` with the file and the field at fault.
    static func read<Value: Decodable>(_ type: Value.Type, _ path: String, isOptional: Bool) throws(ModelError) -> Value? {
        guard FileManager.default.fileExists(atPath: path) else {
            if isOptional { return nil }
            throw ModelError(code: .checkpoint, message: "\(path) is missing")
        }
        let data = try data(path)
        do { return try JSONDecoder().decode(type, from: data) } catch {
            throw ModelError(code: .checkpoint, message: "\(path) cannot be used: \((error as? DecodingError).map(description) ?? "\(error)")", cause: error)
        }
    }

    /// A file's bytes.
    static func data(_ path: String) throws(ModelError) -> Data {
        do throws(CheckpointError) {
            let file = try CheckpointFile(path: path)
            guard file.count <= mostBytes else { throw CheckpointError(code: .malformed, message: "\(path) has \(file.count) bytes, and settings have \(mostBytes) at most") }
            return Data(try file.bytes(0 ..< file.count))
        } catch { throw ModelError(code: .checkpoint, message: error.message, cause: error) }
    }

    private static func description(_ error: DecodingError) -> String {
        func path(_ context: DecodingError.Context) -> String { context.codingPath.map(\.stringValue).joined(separator: ".") }
        return switch error {
        case .keyNotFound(let key, let context): "\(path(context).isEmpty ? "" : path(context) + ".")\(key.stringValue) is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): "\(path(context).isEmpty ? "its JSON" : path(context)) is not as it should be (\(context.debugDescription))"
        @unknown default: "its JSON is damaged"
        }
    }
}
