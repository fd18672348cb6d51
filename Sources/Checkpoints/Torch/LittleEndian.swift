/// Little-endian numbers in bytes; nil outside of them, and for what no `Int` holds.
struct LittleEndian {
    private let storage: [UInt8]

    init(_ storage: [UInt8]) { self.storage = storage }

    func u16(_ at: Int) -> Int? { number(at, 2) }
    func u32(_ at: Int) -> Int? { number(at, 4) }
    func u64(_ at: Int) -> Int? { number(at, 8) }

    func bytes(_ at: Int, _ count: Int) -> [UInt8]? {
        guard at >= 0, count >= 0, at <= storage.count, count <= storage.count - at else { return nil }
        return Array(storage[at ..< at + count])
    }

    private func number(_ at: Int, _ width: Int) -> Int? {
        guard at >= 0, storage.count >= width, at <= storage.count - width else { return nil }
        return Int(exactly: (0 ..< width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(storage[at + $1]) })
    }
}
