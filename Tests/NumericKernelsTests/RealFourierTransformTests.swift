import Glibc
import NumericKernels
import Testing

@Suite struct RealFourierTransformTests {
    /// A fixed pseudo-random signal (linear congruential), ±1.
    static func noise(_ count: Int, seed: UInt32 = 1) -> [Float] {
        var state = seed
        return (0 ..< count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(Int32(bitPattern: state)) / Float(Int32.max)
        }
    }

    @Test(arguments: [4, 8, 16, 32, 128, 512])
    func agreesWithTheDefinition(length: Int) {
        let signal = Self.noise(length)
        let (real, imaginary) = RealFourierTransform(length: length).transform(signal)
        #expect(real.count == length / 2 + 1)
        for k in 0 ... length / 2 {
            var (re, im) = (0.0, 0.0)
            for (n, x) in signal.enumerated() {
                let angle = 2 * Double.pi * Double(k * n % length) / Double(length)
                re += Double(x) * cos(angle)
                im -= Double(x) * sin(angle)
            }
            #expect(abs(Double(real[k]) - re) < 1e-5 * Double(length))
            #expect(abs(Double(imaginary[k]) - im) < 1e-5 * Double(length))
        }
    }

    @Test func lanesDoNotMix() {
        let plan = RealFourierTransform(length: 64)
        var workspace = plan.makeWorkspace()
        let signals = (0 ..< 8).map { Self.noise(64, seed: UInt32($0 + 5)) }
        for index in 0 ..< 64 { for lane in 0 ..< 8 { workspace.samples[index][lane] = signals[lane][index] } }
        plan.transform(&workspace)
        for lane in 0 ..< 8 {
            let (real, imaginary) = plan.transform(signals[lane])
            #expect(workspace.real.map { $0[lane] } == real)
            #expect(workspace.imaginary.map { $0[lane] } == imaginary)
        }
    }

    @Test func aSinusoidOnABinHasUnitPowerThereWhateverTheChannelPhase() {
        let sine = (0 ..< 4_096).map { Float(sin(2 * Double.pi * 16 * Double($0) / 512)) }
        let spectrum = ShortTimeSpectrum(frameLength: 512, hop: 100.5)
        var mono: [Float] = [], antiphase: [Float] = []
        spectrum.forEachBatch(of: [sine]) { mono.append($0.power[16][0]) }
        spectrum.forEachBatch(of: [sine, sine.map { -$0 }]) { antiphase.append($0.power[16][0]) }
        #expect(mono.count == (spectrum.frameCount(sampleCount: 4_096) + 7) / 8)
        #expect(abs(mono[1] - 1) < 1e-3)
        #expect(abs(antiphase[1] - 2) < 2e-3)
    }

    @Test func framesPastTheEndSeeZeros() {
        let spectrum = ShortTimeSpectrum(frameLength: 64, hop: 16)
        var batches = 0
        spectrum.forEachBatch(of: [[1, 2, 3]]) { batch in
            batches += 1
            #expect(batch.frameCount == 1)
            #expect(batch.power.allSatisfy { $0[0].isFinite && $0[3] == 0 })
        }
        #expect(batches == 1)
        spectrum.forEachBatch(of: [[]]) { _ in batches += 1 }
        #expect(batches == 1)
    }
}
