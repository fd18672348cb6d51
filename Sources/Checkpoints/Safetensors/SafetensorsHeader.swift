/// What a safetensors file says of itself: its tensors in the order of their places, and its free text.
struct SafetensorsHeader {
    struct Entry {
        var name: String
        var elementType: ElementType
        var shape: [Int]
        /// Within the data, which begins after the header.
        var place: Range<Int>
    }

    /// As the reference implementation.
    static let mostBytes = 100_000_000

    private(set) var entries: [Entry] = []
    private(set) var metadata: [String: String] = [:]

    /// - dataCount: bytes after the header; the tensors must cover them all, without holes and without overlaps, as the reference implementation wants it.
    /// - Throws: `Refusal`, which says what does not fit.
    init(_ json: [UInt8], dataCount: Int) throws(HeaderScanner.Refusal) {
        var scanner = HeaderScanner(json)
        var seen: Set<String> = []
        try scanner.object { scanner, name throws(HeaderScanner.Refusal) in
            guard seen.insert(name).inserted else { throw HeaderScanner.Refusal("the name \(name) is there twice") }
            if name == "__metadata__" { metadata = try Self.metadata(&scanner) } else { entries.append(try Self.entry(&scanner, name)) }
        }
        try scanner.end()
        entries.sort { ($0.place.lowerBound, $0.place.upperBound) < ($1.place.lowerBound, $1.place.upperBound) }
        var end = 0
        for entry in entries {
            guard entry.place.lowerBound == end else {
                throw HeaderScanner.Refusal("tensor \(entry.name) begins at byte \(entry.place.lowerBound), where byte \(end) is next: tensors neither overlap nor leave holes")
            }
            end = entry.place.upperBound
        }
        guard end == dataCount else { throw HeaderScanner.Refusal("its tensors have \(end) bytes, and the file has \(dataCount) of them: it is cut off or damaged") }
    }

    private static func metadata(_ scanner: inout HeaderScanner) throws(HeaderScanner.Refusal) -> [String: String] {
        var result: [String: String] = [:]
        try scanner.object { scanner, key throws(HeaderScanner.Refusal) in result[key] = try scanner.string() }
        return result
    }

    private static func entry(_ scanner: inout HeaderScanner, _ name: String) throws(HeaderScanner.Refusal) -> Entry {
        var type: String?, shape: [Int]?, offsets: [Int]?
        try scanner.object { scanner, key throws(HeaderScanner.Refusal) in
            switch key {
            case "dtype": type = try scanner.string()
            case "shape": shape = try scanner.integers()
            case "data_offsets": offsets = try scanner.integers()
            default: try scanner.skip()
            }
        }
        guard let type, let shape, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
            throw HeaderScanner.Refusal("tensor \(name) needs dtype, shape and two ascending data_offsets")
        }
        guard let elementType = ElementType(rawValue: type) else { throw HeaderScanner.Refusal("tensor \(name) is of the unknown type \(type)") }
        var bits = elementType.bits
        for size in shape {
            let (product, overflow) = bits.multipliedReportingOverflow(by: size)
            guard !overflow else { throw HeaderScanner.Refusal("tensor \(name) has the impossible shape \(shape)") }
            bits = product
        }
        guard bits % 8 == 0, bits / 8 == offsets[1] - offsets[0] else {
            throw HeaderScanner.Refusal("tensor \(name) of shape \(shape) and type \(type) does not have the \(offsets[1] - offsets[0]) bytes of its place")
        }
        // A product may fit because one size is 0 while others do not: such a shape is of no use, and would overflow elsewhere.
        guard !shape.contains(0) || shape.allSatisfy({ $0 < 1 << 32 }) else { throw HeaderScanner.Refusal("tensor \(name) has the impossible shape \(shape)") }
        return Entry(name: name, elementType: elementType, shape: shape, place: offsets[0] ..< offsets[1])
    }
}
