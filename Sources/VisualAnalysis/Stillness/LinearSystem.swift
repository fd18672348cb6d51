/// Small dense systems of linear equations.
enum LinearSystem {
    /// Solves `matrix · x = right` by Gaussian elimination with row exchanges.
    ///
    /// - Parameters:
    ///   - matrix: `size × size`, row-major.
    /// - Returns: nil when the matrix is singular.
    static func solve(_ matrix: [Double], _ right: [Double], size: Int) -> [Double]? {
        guard matrix.count == size * size, right.count == size else { return nil }
        var a = matrix, x = right
        for column in 0..<size {
            var pivot = column
            for row in column..<size where abs(a[row * size + column]) > abs(a[pivot * size + column]) { pivot = row }
            guard abs(a[pivot * size + column]) > 1e-12 else { return nil }
            if pivot != column {
                for k in 0..<size { a.swapAt(pivot * size + k, column * size + k) }
                x.swapAt(pivot, column)
            }
            for row in column + 1..<size {
                let factor = a[row * size + column] / a[column * size + column]
                for k in column..<size { a[row * size + k] -= factor * a[column * size + k] }
                x[row] -= factor * x[column]
            }
        }
        for row in (0..<size).reversed() {
            for k in row + 1..<size { x[row] -= a[row * size + k] * x[k] }
            x[row] /= a[row * size + row]
        }
        return x
    }
}

/// Weighted sums of products of six slopes and a difference, for one row of a picture; single precision is enough for a row.
struct SixSums {
    /// `products[i]` is the sum of weight × v[i] × v.
    private var products = (SIMD8<Float>(), SIMD8<Float>(), SIMD8<Float>(), SIMD8<Float>(), SIMD8<Float>(), SIMD8<Float>())

    /// - Parameter v: six slopes, the difference, and a zero.
    mutating func add(_ v: SIMD8<Float>, weight: Float) {
        let weighted = v * weight
        products.0 += weighted * v[0]
        products.1 += weighted * v[1]
        products.2 += weighted * v[2]
        products.3 += weighted * v[3]
        products.4 += weighted * v[4]
        products.5 += weighted * v[5]
    }

    /// Adds to the normal equations: `normal` 6 × 6 row-major, `right` 6.
    func add(to normal: inout [Double], _ right: inout [Double]) {
        for (row, sums) in [products.0, products.1, products.2, products.3, products.4, products.5].enumerated() {
            for column in 0..<6 { normal[row * 6 + column] += Double(sums[column]) }
            right[row] += Double(sums[6])
        }
    }
}
