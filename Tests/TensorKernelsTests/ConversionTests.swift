import CTensorKernels
import Testing

@Suite struct ConversionTests {
    /// All 65,536 patterns, in runs long enough for vectors and one by one.
    @Test("Half precision is exact in both directions")
    func halves() {
        let patterns = (0 ... UInt16.max).map { $0 }
        var singles = [Float](repeating: 0, count: patterns.count), back = [UInt16](repeating: 0, count: patterns.count)
        tensor_from_half(patterns, &singles, patterns.count)
        tensor_to_half(singles, &back, singles.count)
        for (index, pattern) in patterns.enumerated() {
            let exact = value(ofHalf: pattern)
            var alone: Float = 0, alonePattern: UInt16 = 0
            tensor_from_half([pattern], &alone, 1)
            tensor_to_half([singles[index]], &alonePattern, 1)
            if exact.isNaN {
                #expect(singles[index].isNaN && alone.isNaN && value(ofHalf: back[index]).isNaN && value(ofHalf: alonePattern).isNaN)
            } else if Double(singles[index]) != exact || alone != singles[index] || back[index] != pattern || alonePattern != pattern {
                Issue.record("pattern \(pattern): \(singles[index]), alone \(alone), back \(back[index]) and \(alonePattern), not \(exact)")
            }
        }
    }

    @Test("Rounding to half and to bfloat16 is to the nearest, to even between two", arguments: [(Float(1.00048828125), UInt16(0x3C00)), (1.00146484375, 0x3C02), (65519, 0x7BFF), (65520, 0x7C00), (2.9802322e-8, 0), (-3e-8, 0x8001)])
    func rounding(_ value: Float, half: UInt16) {
        var halves = [UInt16](repeating: 0, count: 9), one: UInt16 = 0
        tensor_to_half([Float](repeating: value, count: 9), &halves, 9)
        tensor_to_half([value], &one, 1)
        #expect(halves == [UInt16](repeating: half, count: 9) && one == half)
        var brain: UInt16 = 0, widened: Float = 0
        tensor_to_bfloat([value], &brain, 1)
        tensor_from_bfloat([brain], &widened, 1)
        #expect(abs(widened - value) <= abs(value) * 0x1p-8)
    }

    private func value(ofHalf pattern: UInt16) -> Double {
        let sign: Double = pattern & 0x8000 == 0 ? 1 : -1, exponent = Int(pattern >> 10 & 31), fraction = Double(pattern & 0x3FF) / 1024
        switch exponent {
        case 0: return sign * fraction * 0x1p-14
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * (1 + fraction) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
        }
    }
}
