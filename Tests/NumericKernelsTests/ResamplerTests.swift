import Glibc
import NumericKernels
import Testing

@Suite struct ResamplerTests {
    static func sine(_ frequency: Double, rate: Int, seconds: Double) -> [Float] {
        (0 ..< Int(seconds * Double(rate))).map { Float(sin(2 * Double.pi * frequency * Double($0) / Double(rate))) }
    }

    static func level(_ signal: [Float]) -> Double {
        let middle = Array(signal[signal.count / 4 ..< 3 * signal.count / 4])
        return 10 * log10(Double(Reductions.sumOfSquares(middle)) / Double(middle.count) * 2 + 1e-30)
    }

    @Test(arguments: [(44_100, 22_050), (48_000, 22_050), (96_000, 22_050), (8_000, 22_050), (11_025, 22_050), (44_056, 22_050)])
    func keepsTonesInPhaseAndInLevel(from input: Int, to output: Int) {
        let tone = Self.sine(1_000, rate: input, seconds: 0.5)
        let result = Resampler(from: input, to: output).resample(tone)
        let wanted = Self.sine(1_000, rate: output, seconds: 0.5)
        #expect(abs(result.count - wanted.count) <= 4)
        for index in 2_000 ..< 9_000 { #expect(abs(result[index] - wanted[index]) < 2e-3) }
    }

    @Test(arguments: [(44_100, 13_000.0), (48_000, 14_000.0), (96_000, 30_000.0)])
    func rejectsWhatWouldAlias(rate: Int, frequency: Double) {
        let result = Resampler(from: rate, to: 22_050).resample(Self.sine(frequency, rate: rate, seconds: 0.4))
        #expect(Self.level(result) < -75)
    }

    @Test func passesTheBandBelowNineTenths() {
        let result = Resampler(from: 44_100, to: 22_050).resample(Self.sine(9_800, rate: 44_100, seconds: 0.4))
        #expect(abs(Self.level(result)) < 0.1)
    }

    @Test func equalRatesChangeNothing() {
        #expect(Resampler(from: 22_050, to: 22_050).resample([1, 2, 3]) == [1, 2, 3])
        #expect(Resampler(from: 44_100, to: 22_050).resample([]).isEmpty)
    }
}
