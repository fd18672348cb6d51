/// A GGUF file as its bytes say it is: what the tests look at.
struct GGUFContents {
    struct Tensor {
        var dimensions: [Int]
        var type: Int
        var bytes: ArraySlice<UInt8>

        var floats: [Float] { bytes.withUnsafeBytes { raw in (0 ..< raw.count / 4).map { raw.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) } } }
    }

    var values: [String: String] = [:]
    var tensors: [String: Tensor] = [:]
    private var at = 0
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        precondition(bytes.starts(with: Array("GGUF".utf8)))
        at = 4
        precondition(number(4) == 3)
        let count = number(8), pairs = number(8)
        for _ in 0 ..< pairs {
            let key = text()
            values[key] = value(number(4))
        }
        var places: [(String, [Int], Int, Int)] = []
        for _ in 0 ..< count {
            let name = text()
            let dimensions = (0 ..< number(4)).map { _ in number(8) }
            places.append((name, dimensions, number(4), number(8)))
        }
        let start = (at + 31) / 32 * 32
        for (name, dimensions, type, offset) in places {
            let elements = dimensions.reduce(1, *)
            let size = [0: elements * 4, 1: elements * 2, 2: elements / 32 * 18, 8: elements / 32 * 34, 30: elements * 2][type]!
            tensors[name] = Tensor(dimensions: dimensions, type: type, bytes: bytes[start + offset ..< start + offset + size])
        }
    }

    private mutating func number(_ width: Int) -> Int {
        defer { at += width }
        return Int((0 ..< width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[at + $1]) })
    }

    private mutating func text() -> String {
        let length = number(8)
        defer { at += length }
        return String(decoding: bytes[at ..< at + length], as: UTF8.self)
    }

    private mutating func value(_ type: Int) -> String {
        switch type {
        case 4: return "\(number(4))"
        case 5: return "\(Int32(truncatingIfNeeded: number(4)))"
        case 6: return "\(Float(bitPattern: UInt32(number(4))))"
        case 7: return number(1) == 1 ? "true" : "false"
        case 8: return text()
        case 9:
            let element = number(4), count = number(8)
            return (0 ..< count).map { _ in value(element) }.joined(separator: "|")
        default: preconditionFailure("no type \(type)")
        }
    }
}
