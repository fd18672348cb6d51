/// Writes a pickle of protocol 2 as CPython's `pickle.Pickler` does, each object that may be referred to again put into the memo.
struct PickleText {
    private var bytes: [UInt8] = [0x80, 2]
    private var memo: UInt8 = 0

    mutating func global(_ module: String, _ name: String) {
        bytes += Array("c\(module)\n\(name)\n".utf8)
        memoize()
    }

    /// A text of less than 4 GiB.
    mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "X"))
        little(UInt64(text.utf8.count), 4)
        bytes += text.utf8
        memoize()
    }

    /// A number of 0 to 2³¹-1.
    mutating func integer(_ value: Int) {
        precondition(value >= 0 && value <= Int(Int32.max), "a pickled number of 0 to 2³¹-1")
        switch value {
        case ..<0x100:
            bytes.append(UInt8(ascii: "K"))
            little(UInt64(value), 1)
        case ..<0x10000:
            bytes.append(UInt8(ascii: "M"))
            little(UInt64(value), 2)
        default:
            bytes.append(UInt8(ascii: "J"))
            little(UInt64(value), 4)
        }
    }

    mutating func mark() { bytes.append(UInt8(ascii: "(")) }

    /// All since the last mark.
    mutating func tuple() {
        bytes.append(UInt8(ascii: "t"))
        memoize()
    }

    /// One to three numbers.
    mutating func tuple(of values: [Int]) {
        precondition((1 ... 3).contains(values.count), "a pickled tuple of one to three numbers")
        for value in values { integer(value) }
        bytes.append(0x84 + UInt8(values.count))
        memoize()
    }

    mutating func emptyTuple() { bytes.append(UInt8(ascii: ")")) }

    /// False.
    mutating func no() { bytes.append(0x89) }

    /// Loads what the tuple before names, from outside of the pickle.
    mutating func persistentID() { bytes.append(UInt8(ascii: "Q")) }

    /// Calls the function before the tuple with what the tuple holds.
    mutating func call() {
        bytes.append(UInt8(ascii: "R"))
        memoize()
    }

    mutating func finish() -> [UInt8] {
        bytes.append(UInt8(ascii: "."))
        return bytes
    }

    private mutating func memoize() {
        bytes += [UInt8(ascii: "q"), memo]
        memo += 1
    }

    private mutating func little(_ value: UInt64, _ width: Int) { bytes += (0 ..< width).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
}
