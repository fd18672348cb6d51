/// Parameters laid out for libpq: one buffer, and for each value where it lies, how long it is, and its format. Pure.
package struct BoundParameters {
    package private(set) var bytes: [UInt8] = []
    /// nil for NULL.
    package private(set) var offsets: [Int?] = []
    package private(set) var lengths: [Int32] = []
    /// 0 text, 1 binary.
    package private(set) var formats: [Int32] = []

    /// The protocol counts parameters in 16 bits.
    package static let maximumCount = 65_535
    /// PostgreSQL's limit for one message.
    package static let maximumBytes = 1 << 30

    /// - Throws: `encoding`, naming the parameter.
    package init(_ parameters: [Parameter]) throws {
        guard parameters.count <= Self.maximumCount else {
            throw PostgreSQLError(.encoding, "\(parameters.count) parameters; a statement takes at most \(Self.maximumCount): bind arrays and unnest them")
        }
        for (index, parameter) in parameters.enumerated() {
            switch parameter.payload {
            case .null: add(nil, format: 1)
            case .text(let value): add(value, format: 0)
            case .binary(let value): add(value, format: 1)
            case .invalid(let reason): throw PostgreSQLError(.encoding, "parameter $\(index + 1): \(reason)")
            }
            guard bytes.count < Self.maximumBytes else {
                throw PostgreSQLError(.encoding, "the parameters up to $\(index + 1) exceed 1 GiB: send smaller batches")
            }
        }
    }

    private mutating func add(_ value: [UInt8]?, format: Int32) {
        offsets.append(value == nil ? nil : bytes.count)
        lengths.append(Int32(clamping: value?.count ?? 0))
        formats.append(format)
        if let value {
            bytes.append(contentsOf: value)
            // Ends text, and gives an empty value an address.
            bytes.append(0)
        }
    }
}
