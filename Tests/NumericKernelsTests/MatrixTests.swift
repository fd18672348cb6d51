import NumericKernels
import Testing

@Suite struct MatrixTests {
    @Test func productsAgreeWithTheDefinition() {
        let a = Matrix(rows: 2, columns: 3, elements: [1, 2, 3, 4, 5, 6])
        let b = Matrix(rows: 3, columns: 2, elements: [7, 8, 9, 10, 11, 12])
        let wanted = Matrix(rows: 2, columns: 2, elements: [58, 64, 139, 154])
        #expect(a.multiplied(by: b) == wanted)
        #expect(a.multiplied(byTransposeOf: b.transposed()) == wanted)
    }

    @Test func emptyMatricesMultiplyToEmptyOnes() {
        #expect(Matrix(rows: 0, columns: 3).multiplied(by: Matrix(rows: 3, columns: 2)).rows == 0)
        #expect(Matrix(rows: 2, columns: 0).multiplied(by: Matrix(rows: 0, columns: 2)).elements == [0, 0, 0, 0])
    }

    @Test func reductionsCoverTheLastFewElements() {
        let values = (1 ... 19).map { Float($0) }
        #expect(Reductions.sum(values) == 190)
        #expect(Reductions.sumOfSquares(values) == 2_470)
        #expect(Reductions.peak([-3] + values.map { $0 / 10 }) == 3)
        #expect(Reductions.mean([]) == 0)
    }

    @Test func aBandBetweenTwoBinsInterpolates() {
        let bands = FrequencyBands(triangles: [(low: 1.3, centre: 1.5, high: 1.7), (low: 0, centre: 2, high: 4)], binCount: 5)
        let spectrum = (0 ..< 5).map { SIMD8<Float>(repeating: Float($0)) }
        let result = bands.apply(to: spectrum)
        #expect(abs(result[0][0] - 1.5) < 1e-6)
        #expect(abs(result[1][7] - 2) < 1e-6)
    }
}
