import CTensorKernels
import Glibc

/// The keys and values that a language model has computed of one sequence so far, of all its layers.
///
/// Not for use by two threads at a time. Memory is reserved for all of `capacity`, and taken as positions are written.
public final class KeyValueCache {
    public let layers: Int
    /// Key-value heads.
    public let heads: Int
    public let headDimension: Int
    /// Positions that there is room for, a multiple of 16.
    public let capacity: Int
    /// Whether numbers are kept in half precision.
    public let isHalf: Bool
    /// Positions that hold keys and values.
    public private(set) var count = 0
    /// Bytes reserved.
    public let byteCount: Int

    /// Invariant: `byteCount` bytes, zero until written: for each layer its keys and its values as `decoder_cache` describes them.
    private let memory: UnsafeMutableRawPointer
    private let keyBytes: Int
    private let valueBytes: Int
    private let padded: Int

    private static let panel = decoder_panel

    /// Bytes that a cache of these sizes reserves.
    public static func byteCount(layers: Int, heads: Int, headDimension: Int, capacity: Int, isHalf: Bool) -> Int {
        rounded(capacity) * layers * heads * (headDimension + rounded(headDimension)) * (isHalf ? 2 : 4)
    }

    private static func rounded(_ count: Int) -> Int { (count + panel - 1) / panel * panel }

    /// Nil when there is no such room in the address space.
    ///
    /// - capacity: positions; rounded up to a multiple of 16.
    public init?(layers: Int, heads: Int, headDimension: Int, capacity: Int, isHalf: Bool) {
        precondition(layers > 0 && heads > 0 && headDimension > 0 && capacity > 0, "a cache has layers, heads and room")
        self.layers = layers
        self.heads = heads
        self.headDimension = headDimension
        self.capacity = Self.rounded(capacity)
        self.isHalf = isHalf
        padded = Self.rounded(headDimension)
        let width = isHalf ? 2 : 4
        keyBytes = heads * self.capacity * headDimension * width
        valueBytes = heads * self.capacity * padded * width
        byteCount = layers * (keyBytes + valueBytes)
        // Pages of their own: zero without being touched, and given back to the system at once.
        guard let memory = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), memory != MAP_FAILED else { return nil }
        // Every step reads all of it: fewer, larger pages. A wish only.
        madvise(memory, byteCount, MADV_HUGEPAGE)
        self.memory = memory
    }

    deinit { munmap(memory, byteCount) }

    /// Counts positions whose keys and values every layer has stored.
    public func advance(by positions: Int) {
        precondition(positions >= 0 && count + positions <= capacity, "a cache of \(capacity) positions holds no \(count + positions)")
        count += positions
    }

    /// Causal self-attention of the next positions in one layer: turns queries and keys by their positions, stores keys and values, and mixes the values.
    ///
    /// - Parameters:
    ///   - projected: a row's queries, keys and values, `queryHeads · d + 2 · heads · d` numbers; queries and keys are turned in place.
    ///   - rows: the rows of this sequence, for the positions `count …`.
    ///   - asked: rows at the end whose values are mixed; all by default. The others' keys and values are stored all the same.
    ///   - output: `queryHeads · d` columns; rows of the same numbers are written.
    ///   - scratch: room that grows as it is needed.
    public func attend(layer: Int, projected: Activations, rows: Range<Int>, asked: Int? = nil, queryHeads: Int, angles: RotaryAngles, into output: Activations, scratch: Activations,
                       instructions: InstructionSet = .best) {
        let queryWidth = queryHeads * headDimension, width = heads * headDimension, stride = projected.columns
        precondition(layer >= 0 && layer < layers && queryHeads % heads == 0, "layer \(layer) and \(queryHeads) query heads of \(layers) layers with \(heads) heads")
        precondition(stride == queryWidth + 2 * width && output.columns == queryWidth && angles.half * 2 == headDimension, "projections of other sizes")
        precondition(rows.lowerBound >= 0 && rows.upperBound <= projected.rows && rows.upperBound <= output.rows, "rows out of range")
        precondition(count + rows.count <= capacity, "a cache of \(capacity) positions holds no \(count + rows.count)")
        precondition((0 ... rows.count).contains(asked ?? 0), "\(asked ?? 0) of \(rows.count) rows")
        guard !rows.isEmpty else { return }
        angles.reserve(positions: count + rows.count)
        let keys = memory + layer * (keyBytes + valueBytes)
        var cache = decoder_cache(keys: keys, values: keys + keyBytes, heads: heads, dimension: headDimension, padded: padded, capacity: capacity, is_half: isHalf ? 1 : 0)
        let first = projected.pointer + rows.lowerBound * stride
        // Invariant: the sizes checked above; angles hold `half` numbers a position for all positions up to the last of these.
        decoder_rotate(instructions.level, first, rows.count, stride, queryHeads + heads, headDimension, angles.cosines.pointer + count * angles.half, angles.sines.pointer + count * angles.half)
        let needed = decoder_attend_scratch(&cache, count + rows.count), skipped = rows.count - (asked ?? rows.count)
        if scratch.rows * scratch.columns < needed { scratch.resize(rows: (needed + scratch.columns - 1) / scratch.columns) }
        decoder_store(instructions.level, &cache, first + queryWidth, first + queryWidth + width, rows.count, stride, count, scratch.pointer)
        decoder_attend(instructions.level, &cache, first + skipped * stride, stride, queryHeads, rows.count - skipped, count + skipped,
                       output.pointer + (rows.lowerBound + skipped) * output.columns, output.columns, scratch.pointer)
    }
}
