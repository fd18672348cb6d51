import Glibc

/// Resonances of a frame: roots of its linear prediction at 11 kHz.
struct Formants: Sendable {
    struct Formant: Sendable {
        /// Hz.
        var frequency = 0.0
        var bandwidth = 0.0
    }

    private static let rate = 11_000.0
    private static let order = 11
    private static let range = 50.0 ... 5_450
    private static let iterations = 40
    /// A voice falls by 6 dB an octave, which would be heard as resonances: undone by a difference of neighbouring samples, as is usual.
    private static let emphasis = 0.97

    /// lags × bins below half the rate: what turns powers into autocorrelations at that rate, the emphasis included.
    private let cosines: [[Double]]

    init(binCount: Int, binHertz: Double) {
        let bins = min(binCount, Int(Self.rate / 2 / binHertz) + 1)
        cosines = (0 ... Self.order).map { lag in
            (0 ..< bins).map { bin in
                let angle = 2 * Double.pi * Double(bin) * binHertz / Self.rate
                return (1 + Self.emphasis * Self.emphasis - 2 * Self.emphasis * cos(angle)) * cos(Double(lag) * angle)
            }
        }
    }

    /// The first three; 0 Hz where there is none.
    func formants(_ magnitudes: [Float]) -> [Formant] {
        let powers = magnitudes.prefix(cosines[0].count).map { Double($0) * Double($0) }
        let correlation = cosines.map { row in zip(row, powers).reduce(0) { $0 + $1.0 * $1.1 } }
        guard let prediction = Self.prediction(correlation) else { return [Formant](repeating: Formant(), count: 3) }
        let found = Self.roots([1] + prediction).compactMap { root -> Formant? in
            guard root.imaginary > 0 else { return nil }
            let frequency = atan2(root.imaginary, root.real) / (2 * Double.pi) * Self.rate
            let size = (root.real * root.real + root.imaginary * root.imaginary).squareRoot()
            guard Self.range.contains(frequency), size > 0 else { return nil }
            return Formant(frequency: frequency, bandwidth: -log(min(size, 1)) * Self.rate / Double.pi)
        }.sorted { $0.frequency < $1.frequency }
        return Array((found + [Formant](repeating: Formant(), count: 3)).prefix(3))
    }

    /// Coefficients after the leading 1 of the prediction error filter (Levinson, Durbin); nil for silence.
    private static func prediction(_ correlation: [Double]) -> [Double]? {
        var error = correlation[0]
        guard error > 0 else { return nil }
        var filter: [Double] = []
        for order in 1 ... Self.order {
            let sum = filter.enumerated().reduce(correlation[order]) { $0 + $1.element * correlation[order - 1 - $1.offset] }
            let reflection = -sum / error
            filter = filter.indices.map { filter[$0] + reflection * filter[filter.count - 1 - $0] } + [reflection]
            error *= 1 - reflection * reflection
            guard error > 0 else { return nil }
        }
        return filter
    }

    private struct Complex {
        var real: Double
        var imaginary: Double
        static func * (a: Self, b: Self) -> Self { Self(real: a.real * b.real - a.imaginary * b.imaginary, imaginary: a.real * b.imaginary + a.imaginary * b.real) }
        static func - (a: Self, b: Self) -> Self { Self(real: a.real - b.real, imaginary: a.imaginary - b.imaginary) }
        static func / (a: Self, b: Self) -> Self {
            let size = max(b.real * b.real + b.imaginary * b.imaginary, 1e-300)
            return Self(real: (a.real * b.real + a.imaginary * b.imaginary) / size, imaginary: (a.imaginary * b.real - a.real * b.imaginary) / size)
        }
    }

    /// All roots of a polynomial, the highest power first, its coefficient 1 (Durand, Kerner).
    private static func roots(_ polynomial: [Double]) -> [(real: Double, imaginary: Double)] {
        let degree = polynomial.count - 1
        var roots = (0 ..< degree).map { index in
            let angle = 2 * Double.pi * Double(index) / Double(degree) + 0.4
            return Complex(real: 0.9 * cos(angle), imaginary: 0.9 * sin(angle))
        }
        for _ in 0 ..< iterations {
            var moved = 0.0
            for index in roots.indices {
                let root = roots[index]
                let value = polynomial.dropFirst().reduce(Complex(real: polynomial[0], imaginary: 0)) { sum, coefficient in
                    let product = sum * root
                    return Complex(real: product.real + coefficient, imaginary: product.imaginary)
                }
                var product = Complex(real: 1, imaginary: 0)
                for other in roots.indices where other != index { product = product * (root - roots[other]) }
                let step = value / product
                roots[index] = root - step
                moved = max(moved, abs(step.real) + abs(step.imaginary))
            }
            if moved < 1e-9 { break }
        }
        return roots.map { ($0.real, $0.imaginary) }
    }
}
