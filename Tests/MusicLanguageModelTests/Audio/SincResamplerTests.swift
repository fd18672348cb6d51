import Glibc
import MusicLanguageModel
import Testing

struct SincResamplerTests {
    /// The definition, in double precision: each output is the sum over all samples of the sinc under its window at their distance.
    private static func definition(_ signal: [Float], from input: Int, to output: Int, at index: Int) -> Double {
        let cut = 0.99 * Double(min(input, output)), time = Double(index) / Double(output)
        return signal.enumerated().reduce(0) { sum, sample in
            let t = (Double(sample.offset) / Double(input) - time) * cut
            guard abs(t) < 6 else { return sum }
            let window = cos(t * .pi / 12)
            return sum + Double(sample.element) * (abs(t) < 1e-12 ? 1 : sin(.pi * t) / (.pi * t)) * window * window * cut / Double(input)
        }
    }

    @Test(arguments: [8_000, 11_025, 12_345, 22_050, 32_000, 44_100, 48_000, 96_000, 191_999, 192_000])
    func everyRateFollowsTheDefinition(rate: Int) {
        var noise = Noise(UInt64(rate))
        let signal = noise.values(rate / 50)
        let resampler = SincResampler(from: rate, to: 16_000)
        let result = resampler.resample(signal)
        #expect(result.count == Int((Double(signal.count) * 16_000 / Double(rate)).rounded(.up)))
        for index in stride(from: 0, to: result.count, by: 7) {
            #expect(abs(Double(result[index]) - Self.definition(signal, from: rate, to: 16_000, at: index)) < 4e-5, "sample \(index)")
        }
    }

    @Test func aPartIsThatPartOfTheWhole() {
        var noise = Noise(1)
        let signal = noise.values(10_000), resampler = SincResampler(from: 44_100, to: 16_000), whole = SincResampler(from: 44_100, to: 16_000).resample(signal)
        for part in [0 ..< whole.count, 0 ..< 1, 1_000 ..< 1_777, whole.count - 3 ..< whole.count, 5 ..< 5] { #expect(resampler.resample(signal, outputs: part) == Array(whole[part])) }
    }

    @Test func theSameRateLeavesTheSignalAsItIs() {
        var noise = Noise(2)
        let signal = noise.values(100)
        #expect(SincResampler(from: 16_000, to: 16_000).resample(signal) == signal)
        #expect(SincResampler(from: 44_100, to: 16_000).resample([]) == [])
        #expect(SincResampler(from: 44_100, to: 16_000).resample([1]).count == 1)
    }
}
