/// A descriptor over time, a value each hundredth of a second, and what is told of it.
struct VoiceTrack: Sendable {
    var values: [Float]

    /// Means of three neighbours.
    func smoothed() -> VoiceTrack {
        VoiceTrack(values: values.indices.map { index in
            let near = values[max(0, index - 1) ... min(values.count - 1, index + 1)]
            return near.reduce(0, +) / Float(near.count)
        })
    }

    /// The same over those that are not zero; zeros stay.
    func smoothedWhereSet() -> VoiceTrack {
        VoiceTrack(values: values.indices.map { index in
            guard values[index] != 0 else { return 0 }
            let near = values[max(0, index - 1) ... min(values.count - 1, index + 1)].filter { $0 != 0 }
            return near.reduce(0, +) / Float(near.count)
        })
    }

    func whereSet() -> VoiceTrack { VoiceTrack(values: values.filter { $0 != 0 }) }

    var mean: Double { Spread(values.map(Double.init)).mean }

    /// Standard deviation over the mean, which may be negative.
    var relativeDeviation: Double {
        let spread = Spread(values.map(Double.init))
        return spread.mean != 0 ? spread.deviation / spread.mean : 0
    }

    /// Between two values by interpolation.
    func percentiles(_ shares: [Double]) -> [Double] {
        let sorted = values.sorted()
        guard let last = sorted.last else { return shares.map { _ in 0 } }
        return shares.map { share in
            let place = share * Double(sorted.count - 1)
            let low = Int(place)
            guard low + 1 < sorted.count else { return Double(last) }
            return Double(sorted[low]) + (place - Double(low)) * Double(sorted[low + 1] - sorted[low])
        }
    }

    /// Lengths of the runs of values that are zero or not, from the first value to the last: three values make one, two others end it.
    func runs(areSet: Bool) -> [Int] {
        var lengths: [Int] = []
        var (first, last, count) = (0, -2, 0)
        func end() { if count >= 3 { lengths.append(last - first) } }
        for (index, value) in values.enumerated() where (value != 0) == areSet {
            if index - last > 2 {
                end()
                (first, count) = (index, 0)
            }
            count += 1
            last = index
        }
        end()
        return lengths
    }

    /// Where it turns by at least a tenth of its range.
    struct Turns: Sendable {
        var peakCount = 0
        /// A second.
        var rising: [Double] = []
        var falling: [Double] = []
    }

    func turns() -> Turns {
        guard let first = values.first, let lowest = values.min(), let highest = values.max(), highest > lowest else { return Turns() }
        let least = 0.1 * (highest - lowest)
        var extremes: [(index: Int, value: Float, isPeak: Bool)] = []
        var (top, bottom) = ((index: 0, value: first), (index: 0, value: first))
        var direction = 0
        for (index, value) in values.enumerated() {
            if value > top.value { top = (index, value) }
            if value < bottom.value { bottom = (index, value) }
            if direction >= 0, top.value - value >= least, top.index > 0 {
                extremes.append((top.index, top.value, true))
                (direction, bottom, top) = (-1, (index, value), (index, value))
            } else if direction <= 0, value - bottom.value >= least, bottom.index > 0 || direction < 0 {
                extremes.append((bottom.index, bottom.value, false))
                (direction, top, bottom) = (1, (index, value), (index, value))
            } else if direction == 0, abs(value - first) >= least {
                direction = value > first ? 1 : -1
            }
        }
        var turns = Turns(peakCount: extremes.count(where: \.isPeak))
        var before = (index: 0, value: first)
        for extreme in extremes where extreme.index > before.index {
            let slope = Double(abs(extreme.value - before.value)) / (0.01 * Double(extreme.index - before.index))
            if extreme.isPeak { turns.rising.append(slope) } else { turns.falling.append(slope) }
            before = (extreme.index, extreme.value)
        }
        if let last = extremes.last, values.count - 1 > last.index {
            let slope = Double(values[values.count - 1] - last.value) / (0.01 * Double(values.count - 1 - last.index))
            if last.isPeak { turns.falling.append(slope) } else { turns.rising.append(slope) }
        }
        return turns
    }
}
