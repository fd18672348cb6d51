/// Elements of a tensor that do not lie one after another, or have their bytes the other way round, put in order.
struct StridedGatherer: Sendable {
    private let shape: [Int]
    private let strides: [Int]
    private let offset: Int
    private let width: Int
    private let place: Range<Int>
    private let swapsBytes: Bool
    private let source: any ByteSource

    /// - place: of the storage's bytes.
    init(_ tensor: TorchTensor, place: Range<Int>, swapsBytes: Bool, source: any ByteSource) {
        (shape, strides, offset, width) = (tensor.shape, tensor.strides, tensor.offset, tensor.storage.elementType.bits / 8)
        (self.place, self.swapsBytes, self.source) = (place, swapsBytes, source)
    }

    /// The tensor's bytes of a range, which begins and ends at an element, row-major.
    ///
    /// The part of the storage that holds the range's elements is read at once: as large as the storage at most.
    func bytes(_ range: Range<Int>) throws(CheckpointError) -> [UInt8] {
        let first = range.lowerBound / width, count = range.count / width
        guard count > 0 else { return [] }
        var lowest = Int.max, highest = 0
        walk(first, count) { _, element in (lowest, highest) = (min(lowest, element), max(highest, element)) }
        var result = [UInt8](repeating: 0, count: range.count)
        // Invariant: lowest and highest are elements of the storage (`TorchTensor` checked its reach), so that the range lies within `place`.
        try source.withBytes(place.lowerBound + lowest * width ..< place.lowerBound + (highest + 1) * width) { raw in
            walk(first, count) { index, element in
                let from = (element - lowest) * width
                for byte in 0 ..< width { result[index * width + (swapsBytes ? width - 1 - byte : byte)] = raw[from + byte] }
            }
        }
        return result
    }

    /// Where some elements lie in the storage, one after another in the tensor's order.
    private func walk(_ first: Int, _ count: Int, _ visit: (_ index: Int, _ element: Int) -> Void) {
        var coordinates = shape.indices.map { dimension in first / shape[(dimension + 1)...].reduce(1, *) % max(shape[dimension], 1) }
        var at = offset + zip(coordinates, strides).reduce(0) { $0 + $1.0 * $1.1 }
        for index in 0 ..< count {
            visit(index, at)
            for dimension in shape.indices.reversed() {
                coordinates[dimension] += 1
                at += strides[dimension]
                if coordinates[dimension] < shape[dimension] { break }
                at -= strides[dimension] * shape[dimension]
                coordinates[dimension] = 0
            }
        }
    }
}
