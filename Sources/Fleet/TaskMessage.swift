import FleetModel

/// The body of a message: `{"epoch":…,"q":…,"seq":…,"task":…}`. It is a hint to claim, never the truth.
package enum TaskMessage {
    package static func encode(_ token: ReadyToken) -> [UInt8] {
        Array("{\"epoch\":\(token.epoch),\"q\":\(token.queue),\"seq\":\(token.seq),\"task\":\(token.task)}".utf8)
    }

    /// Reads exactly what ``encode(_:)`` writes: a general JSON decoder costs several times what all the rest of a message does.
    ///
    /// - Returns: nil for anything that this fleet did not write; such a message is dropped.
    package static func decode(_ body: [UInt8]) -> ReadyToken? {
        var reader = Reader(body[...])
        guard reader.skip("{\"epoch\":"), let epoch = reader.number(), reader.skip(",\"q\":"), let number = reader.number(), let queue = Int32(exactly: number),
              reader.skip(",\"seq\":"), let seq = reader.number(), reader.skip(",\"task\":"), let task = reader.number(), reader.skip("}"), reader.isAtEnd else { return nil }
        return ReadyToken(epoch: epoch, queue: queue, seq: seq, task: task)
    }

    private struct Reader {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

        var isAtEnd: Bool { rest.isEmpty }

        mutating func skip(_ text: StaticString) -> Bool {
            let count = text.utf8CodeUnitCount
            guard rest.count >= count, text.withUTF8Buffer({ $0.elementsEqual(rest.prefix(count)) }) else { return false }
            rest = rest.dropFirst(count)
            return true
        }

        /// - Returns: nil where no digits stand, or more than fit.
        mutating func number() -> Int64? {
            let isNegative = skip("-")
            var value: Int64 = 0
            var hasDigits = false
            while let byte = rest.first, byte >= 48, byte <= 57 {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                let (sum, overflow2) = product.addingReportingOverflow(Int64(byte - 48))
                guard !overflow, !overflow2 else { return nil }
                value = sum
                hasDigits = true
                rest = rest.dropFirst()
            }
            return hasDigits ? (isNegative ? -value : value) : nil
        }
    }
}
