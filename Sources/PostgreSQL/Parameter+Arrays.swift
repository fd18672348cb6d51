// Arrays for `unnest($1)` and `= ANY ($1)`: one-dimensional, binary, of the exact element type. A single array holds at most 2³¹ elements and 1 GiB.
extension Parameter {
    public static func int64Array(_ values: [Int64?]) -> Parameter { array(.int8Array, .int8, values, 8, WireEncoding.append) }
    public static func int32Array(_ values: [Int32?]) -> Parameter { array(.int4Array, .int4, values, 4, WireEncoding.append) }
    public static func int16Array(_ values: [Int16?]) -> Parameter { array(.int2Array, .int2, values, 2, WireEncoding.append) }
    public static func doubleArray(_ values: [Double?]) -> Parameter {
        array(.float8Array, .float8, values, 8) { WireEncoding.append($0.bitPattern, to: &$1) }
    }
    public static func boolArray(_ values: [Bool?]) -> Parameter { array(.boolArray, .bool, values, 1) { $1.append($0 ? 1 : 0) } }
    public static func timestampArray(_ values: [Timestamp?]) -> Parameter {
        array(.timestamptzArray, .timestamptz, values, 8) { WireEncoding.append($0.wireValue, to: &$1) }
    }
    public static func byteaArray(_ values: [[UInt8]?]) -> Parameter { array(.byteaArray, .bytea, values, 32) { $1.append(contentsOf: $0) } }

    public static func textArray(_ values: [String?]) -> Parameter {
        if let index = values.firstIndex(where: { $0?.utf8.contains(0) ?? false }) {
            return Parameter(.textArray, .invalid("element \(index + 1): \(nulInText)"))
        }
        return array(.textArray, .text, values, 24) { $1.append(contentsOf: $0.utf8) }
    }

    // Without NULLs, which is the usual case and needs no array of optionals.
    public static func int64Array(_ values: [Int64]) -> Parameter { array(.int8Array, .int8, values.lazy.map(Optional.some), 8, WireEncoding.append) }
    public static func int32Array(_ values: [Int32]) -> Parameter { array(.int4Array, .int4, values.lazy.map(Optional.some), 4, WireEncoding.append) }
    public static func int16Array(_ values: [Int16]) -> Parameter { array(.int2Array, .int2, values.lazy.map(Optional.some), 2, WireEncoding.append) }

    private static func array<Element>(
        _ type: TypeOID, _ elementType: TypeOID, _ values: some Collection<Element?>, _ bytesEach: Int, _ append: (Element, inout [UInt8]) -> Void
    ) -> Parameter {
        Parameter(type, .binary(WireEncoding.array(values, of: elementType, bytesEach: bytesEach, append: append)))
    }
}
