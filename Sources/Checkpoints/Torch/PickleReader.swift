/// A pickle's bytes, one argument after another.
struct PickleReader {
    private let storage: [UInt8]
    private var at = 0

    init(_ storage: [UInt8]) { self.storage = storage }

    mutating func byte() throws(PickleMachine.Refusal) -> UInt8 {
        guard at < storage.count else { throw .malformed("its pickle ends in the middle") }
        at += 1
        return storage[at - 1]
    }

    mutating func bytes(_ count: Int) throws(PickleMachine.Refusal) -> [UInt8] {
        guard count >= 0, count <= storage.count - at else { throw .malformed("its pickle ends in the middle") }
        at += count
        return Array(storage[at - count ..< at])
    }

    /// Little-endian, from 0.
    mutating func number(_ width: Int) throws(PickleMachine.Refusal) -> Int {
        let raw = try bytes(width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let number = Int(exactly: raw) else { throw .malformed("its pickle has the impossible number \(raw)") }
        return number
    }

    /// Little-endian, two's complement.
    mutating func signed(_ width: Int) throws(PickleMachine.Refusal) -> Int {
        let raw = try bytes(width)
        guard width <= 8 else { throw .malformed("its pickle has a whole number of \(width) bytes") }
        guard let top = raw.last else { return 0 }
        let filled = raw + [UInt8](repeating: top & 0x80 == 0 ? 0 : 0xFF, count: 8 - width)
        return Int(bitPattern: UInt(filled.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }))
    }

    /// Big-endian double precision.
    mutating func real() throws(PickleMachine.Refusal) -> Double { Double(bitPattern: try bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }) }

    mutating func text(_ count: Int) throws(PickleMachine.Refusal) -> String {
        guard let text = String(validating: try bytes(count), as: UTF8.self) else { throw .malformed("a string of its pickle is not UTF-8") }
        return text
    }

    /// Up to the line's end, which is taken too.
    mutating func line() throws(PickleMachine.Refusal) -> String {
        guard let end = storage[at...].prefix(1_000).firstIndex(of: 10) else { throw .malformed("a name of its pickle does not end") }
        let text = try text(end - at)
        at += 1
        return text
    }
}
