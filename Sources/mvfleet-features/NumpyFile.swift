import Foundation
import NumericKernels

/// NumPy's file format, version 1.0: a matrix of little-endian floats.
enum NumpyFile {
    static func path(of audio: String, in directory: String) -> String {
        let name = URL(fileURLWithPath: audio).deletingPathExtension().lastPathComponent
        return "\(directory)/\(name).npy"
    }

    static func write(_ matrix: Matrix, to path: String) throws {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(matrix.rows), \(matrix.columns)), }"
        // Magic, version and length take 10 bytes; the whole header is a multiple of 64, ended by a new line.
        header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
        var data = Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count & 255), UInt8(header.utf8.count >> 8)])
        data.append(contentsOf: header.utf8)
        for value in matrix.elements { withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) } }
        try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}
