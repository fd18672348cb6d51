import NIOCore

/// Lines from bytes as they come.
package struct LineSplitter {
    /// Bytes of the longest line.
    package let limit: Int
    private var rest: [UInt8] = []

    package struct TooLong: Error {}

    package init(limit: Int) { self.limit = limit }

    /// - Returns: the lines that end within `bytes`; empty ones are passed over.
    package mutating func feed(_ bytes: ByteBufferView) throws(TooLong) -> [[UInt8]] {
        var lines: [[UInt8]] = [], start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            rest.append(contentsOf: bytes[start..<end])
            if let line = takeRest() { lines.append(line) }
            start = end + 1
        }
        rest.append(contentsOf: bytes[start...])
        guard rest.count <= limit else { throw TooLong() }
        return lines
    }

    /// The last line, where no line end was after it.
    package mutating func takeRest() -> [UInt8]? {
        defer { rest.removeAll(keepingCapacity: true) }
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        return rest.isEmpty ? nil : rest
    }
}
