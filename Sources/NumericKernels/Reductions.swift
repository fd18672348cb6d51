/// Sums over arrays. A plain loop over `Float` may not be reordered by the compiler and so runs one element at a time;
/// eight partial sums make it a vector loop, and the order of summation is fixed, hence the result is too.
public enum Reductions {
    /// Σ x.
    public static func sum(_ values: [Float]) -> Float {
        values.withUnsafeBufferPointer { sum($0) }
    }

    /// Σ x².
    public static func sumOfSquares(_ values: [Float]) -> Float {
        values.withUnsafeBufferPointer { dot($0, $0) }
    }

    /// Σ a·b over the shorter of both.
    public static func dot(_ a: [Float], _ b: [Float]) -> Float {
        a.withUnsafeBufferPointer { a in b.withUnsafeBufferPointer { dot(a, $0) } }
    }

    /// The mean, 0 of nothing.
    public static func mean(_ values: [Float]) -> Float {
        values.isEmpty ? 0 : sum(values) / Float(values.count)
    }

    /// The largest |x| of finite values, 0 of nothing.
    public static func peak(_ values: [Float]) -> Float {
        peak(values[...])
    }

    /// The largest |x| of a part of an array.
    public static func peak(_ values: ArraySlice<Float>) -> Float {
        values.withUnsafeBufferPointer { buffer in
            // Numbers without their sign are ordered as their bits are, and a maximum of integers may be found in any order: a vector loop.
            var largest: Int32 = 0
            for value in buffer { largest = max(largest, Int32(bitPattern: value.bitPattern & 0x7FFF_FFFF)) }
            return Float(bitPattern: UInt32(bitPattern: largest))
        }
    }

    static func sum(_ values: UnsafeBufferPointer<Float>) -> Float {
        var lanes = SIMD8<Float>(repeating: 0)
        let whole = values.count & ~7
        for start in stride(from: 0, to: whole, by: 8) {
            // Invariant: start + 8 <= whole <= count, so the base address exists and the load stays inside.
            lanes += UnsafeRawPointer(values.baseAddress!).loadUnaligned(fromByteOffset: start * 4, as: SIMD8<Float>.self)
        }
        var result = lanes.sum()
        for index in whole ..< values.count { result += values[index] }
        return result
    }

    static func dot(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Float {
        var lanes = SIMD8<Float>(repeating: 0)
        let count = min(a.count, b.count)
        let whole = count & ~7
        for start in stride(from: 0, to: whole, by: 8) {
            // Invariant: start + 8 <= whole <= both counts, so both base addresses exist and the loads stay inside.
            let left = UnsafeRawPointer(a.baseAddress!).loadUnaligned(fromByteOffset: start * 4, as: SIMD8<Float>.self)
            let right = UnsafeRawPointer(b.baseAddress!).loadUnaligned(fromByteOffset: start * 4, as: SIMD8<Float>.self)
            lanes += left * right
        }
        var result = lanes.sum()
        for index in whole ..< count { result += a[index] * b[index] }
        return result
    }
}
