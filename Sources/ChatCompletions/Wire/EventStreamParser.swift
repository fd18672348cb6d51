/// Server-sent events from bytes as they come, cut anywhere: gives each event's data. Comments and all other fields are passed over.
package struct EventStreamParser {
    /// Bytes of the longest event.
    package let limit: Int
    private var line: [UInt8] = []
    private var data: [UInt8] = []
    private var hasData = false
    /// The last byte was a carriage return: a line feed after it ends no second line.
    private var sawReturn = false

    package init(limit: Int) { self.limit = limit }

    package struct TooLong: Error {}

    /// - Returns: the data of the events that ended within `bytes`, in order.
    /// - Throws: ``TooLong`` where an event outgrows the limit.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer) throws(TooLong) -> [[UInt8]] {
        var events: [[UInt8]] = [], start = 0
        for index in bytes.indices {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else {
                sawReturn = false
                continue
            }
            // Invariant: start <= index, both inside of `bytes`.
            line.append(contentsOf: bytes[start..<index])
            start = index + 1
            let isSecondHalf = byte == UInt8(ascii: "\n") && sawReturn && line.isEmpty
            sawReturn = byte == UInt8(ascii: "\r")
            if isSecondHalf { continue }
            if let event = endLine() { events.append(event) }
        }
        line.append(contentsOf: bytes[start...])
        guard line.count + data.count <= limit else { throw TooLong() }
        return events
    }

    private mutating func endLine() -> [UInt8]? {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else {
            defer {
                data.removeAll(keepingCapacity: true)
                hasData = false
            }
            return hasData ? data : nil
        }
        let field = Array("data:".utf8)
        guard line.starts(with: field) else { return nil }
        var value = line[field.count...]
        if value.first == UInt8(ascii: " ") { value.removeFirst() }
        if hasData { data.append(UInt8(ascii: "\n")) }
        data.append(contentsOf: value)
        hasData = true
        return nil
    }
}
