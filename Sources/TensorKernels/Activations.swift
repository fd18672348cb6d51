/// A matrix of single-precision activations in flight, `rows × columns`, row-major: made once and written over step after step.
///
/// Not for use by two threads at a time.
public final class Activations {
    public let columns: Int
    public private(set) var rows: Int
    private var capacity: Int
    /// Invariant: room for `capacity × columns` numbers, all initialised.
    private(set) var pointer: UnsafeMutablePointer<Float>
    /// Where products lay these activations out for their kernels: kept, so that a product step after step asks for no memory.
    private var packing: UnsafeMutableRawBufferPointer?

    /// All zeros.
    public init(rows: Int, columns: Int) {
        precondition(rows >= 0 && columns > 0, "activations have columns, and no negative size")
        self.rows = rows
        self.columns = columns
        capacity = max(rows, 1)
        pointer = Self.allocate(capacity * columns)
    }

    /// Over given row-major numbers, `rows × columns` of them.
    public convenience init(rows: Int, columns: Int, values: [Float]) {
        precondition(values.count == rows * columns, "\(rows) × \(columns) activations are \(rows * columns) numbers, not \(values.count)")
        self.init(rows: rows, columns: columns)
        values.withUnsafeBufferPointer { pointer.update(from: $0.baseAddress!, count: values.count) }
    }

    deinit {
        pointer.deallocate()
        packing?.deallocate()
    }

    /// Gives another number of rows; what they hold is not specified until it is written.
    public func resize(rows: Int) {
        precondition(rows >= 0, "no negative number of rows")
        if rows > capacity {
            pointer.deallocate()
            capacity = rows
            pointer = Self.allocate(capacity * columns)
        }
        self.rows = rows
    }

    /// All numbers, row-major (a copy).
    public var values: [Float] { Array(UnsafeBufferPointer(start: pointer, count: rows * columns)) }

    /// One row, `columns` numbers (a copy).
    public subscript(row row: Int) -> [Float] {
        get {
            precondition(row >= 0 && row < rows, "row out of range")
            return Array(UnsafeBufferPointer(start: pointer + row * columns, count: columns))
        }
        set {
            precondition(row >= 0 && row < rows && newValue.count == columns, "a row has \(columns) numbers")
            newValue.withUnsafeBufferPointer { (pointer + row * columns).update(from: $0.baseAddress!, count: columns) }
        }
    }

    /// At least so many bytes, aligned to a cache line, until the next call.
    func packingSpace(byteCount: Int) -> UnsafeMutableRawPointer {
        if let packing, packing.count >= byteCount { return packing.baseAddress! }
        packing?.deallocate()
        let space = UnsafeMutableRawBufferPointer.allocate(byteCount: max(byteCount, 64), alignment: 64)
        packing = space
        return space.baseAddress!
    }

    /// Zeroed, aligned to a cache line.
    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
        let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
        let pointer = raw.bindMemory(to: Float.self, capacity: count)
        pointer.initialize(repeating: 0, count: count)
        return pointer
    }
}
