import Foundation
import MusicLanguageModel

/// A GGUF file (version 3) that is written from beginning to end: metadata, the tensors' names and places, then their numbers as they are asked for.
///
/// Source: ggml, `docs/gguf.md`.
struct GGUFFileWriter {
    struct Tensor {
        var name: String
        /// Numbers a row.
        var columns: Int
        var rows: Int
        /// A vector has one dimension, a matrix two.
        var isVector = false
        var type: GGUFTensorType
        /// Rows that are asked for together: a number of them such that what is asked for stays small.
        var rowsAtOnce: Int
        /// Some rows, row-major.
        var values: (Range<Int>) throws -> [Float]

        var byteCount: Int { type.byteCount(columns) * rows }
    }

    private static let alignment = 32

    private(set) var metadata: [(key: String, value: GGUFValue)] = []
    private(set) var tensors: [Tensor] = []

    mutating func set(_ key: String, _ value: GGUFValue) { metadata.append((key, value)) }

    mutating func add(_ tensor: Tensor) { tensors.append(tensor) }

    /// Writes a file beside `path` and moves it there when it is whole and on the disk: who finds `path` finds all of it.
    ///
    /// - Throws: `ModelError.backend` when it cannot be written, and whatever the tensors' values throw.
    func write(to path: String) throws {
        let temporary = path + ".\(ProcessInfo.processInfo.processIdentifier).\(UInt32.random(in: 0 ... .max)).part"
        do {
            try write(temporary)
            guard rename(temporary, path) == 0 else { throw Self.failure(path, errno) }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    private func write(_ path: String) throws {
        guard let file = fopen(path, "wx") else { throw Self.failure(path, errno) }
        var isOpen = true
        defer { if isOpen { fclose(file) } }
        try Self.put(header(), to: file, path)
        for tensor in tensors {
            for start in stride(from: 0, to: tensor.rows, by: tensor.rowsAtOnce) {
                let rows = start ..< min(start + tensor.rowsAtOnce, tensor.rows)
                let values = try tensor.values(rows)
                guard values.count == rows.count * tensor.columns else {
                    throw ModelError(code: .checkpoint, message: "tensor \(tensor.name) has \(values.count) numbers in \(rows.count) rows, and the configuration says \(tensor.columns) a row: config.json belongs to another model")
                }
                try Self.put(tensor.type.encode(values), to: file, path)
            }
            try Self.put(Array(repeating: 0, count: Self.padding(tensor.byteCount)), to: file, path)
        }
        guard fflush(file) == 0, fsync(fileno(file)) == 0 else { throw Self.failure(path, errno) }
        isOpen = false
        guard fclose(file) == 0 else { throw Self.failure(path, errno) }
    }

    private func header() -> [UInt8] {
        var bytes = LittleEndianBytes()
        bytes.append(UInt32(0x4655_4747))
        bytes.append(UInt32(3))
        bytes.append(UInt64(tensors.count))
        bytes.append(UInt64(metadata.count))
        for (key, value) in metadata {
            bytes.append(key)
            value.write(to: &bytes)
        }
        var offset = 0
        for tensor in tensors {
            bytes.append(tensor.name)
            let dimensions = tensor.isVector ? [tensor.rows] : [tensor.columns, tensor.rows]
            bytes.append(UInt32(dimensions.count))
            for dimension in dimensions { bytes.append(UInt64(dimension)) }
            bytes.append(tensor.type.number)
            bytes.append(UInt64(offset))
            offset += tensor.byteCount + Self.padding(tensor.byteCount)
        }
        return bytes.bytes + Array(repeating: 0, count: Self.padding(bytes.bytes.count))
    }

    private static func padding(_ count: Int) -> Int { (alignment - count % alignment) % alignment }

    private static func put(_ bytes: [UInt8], to file: UnsafeMutablePointer<FILE>, _ path: String) throws(ModelError) {
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw failure(path, errno) }
    }

    private static func failure(_ path: String, _ number: Int32) -> ModelError {
        ModelError(code: .backend, message: "the model file \(path) cannot be written (\(String(cString: strerror(number)))): make room, or give another cache directory")
    }
}
