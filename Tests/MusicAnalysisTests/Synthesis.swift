import Glibc
import MusicAnalysis

/// Music made by rule, with known tempo, bars, key and chords.
enum Synthesis {
    static let rate = 22_050

    /// A fixed pseudo-random signal in ±1 (linear congruential).
    static func noise(seconds: Double, seed: UInt32 = 7) -> [Float] {
        var state = seed
        return (0 ..< Int(seconds * Double(rate))).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Float(Int32(bitPattern: state)) / Float(Int32.max)
        }
    }

    /// Decaying harmonic tones: MIDI notes with a start and a length in seconds.
    static func tones(_ notes: [(note: Int, start: Double, length: Double)], seconds: Double) -> [Float] {
        var result = [Float](repeating: 0, count: Int(seconds * Double(rate)))
        for (note, start, length) in notes {
            let frequency = 440 * pow(2, Double(note - 69) / 12)
            let first = Int(start * Double(rate))
            for index in 0 ..< Int(length * Double(rate)) where first + index < result.count {
                let time = Double(index) / Double(rate)
                let envelope = exp(-2.5 * time) * min(1, time / 0.005)
                var value = 0.0
                for harmonic in 1 ... 5 where frequency * Double(harmonic) < 10_000 {
                    value += pow(0.5, Double(harmonic - 1)) * sin(2 * Double.pi * frequency * Double(harmonic) * time)
                }
                result[first + index] += Float(0.12 * envelope * value)
            }
        }
        return result
    }

    /// Triads (root as MIDI note, minor or not), each struck on every beat over its root in the bass; a low drum on each bar's first beat.
    static func progression(_ chords: [(root: Int, isMinor: Bool)], beatsPerChord: Int, bpm: Double, seconds: Double) -> [Float] {
        let beat = 60 / bpm
        var notes: [(note: Int, start: Double, length: Double)] = []
        var index = 0
        while Double(index) * beat < seconds {
            let chord = chords[index / beatsPerChord % chords.count]
            let start = Double(index) * beat
            for interval in [0, chord.isMinor ? 3 : 4, 7] { notes.append((chord.root + interval, start, beat)) }
            if index % beatsPerChord == 0 { notes.append((chord.root - 24, start, beat * Double(beatsPerChord))) }
            index += 1
        }
        return tones(notes, seconds: seconds)
    }

    /// Bursts of noise of 20 ms, one a beat.
    static func clicks(bpm: Double, seconds: Double, offset: Double = 0.2) -> [Float] {
        var result = [Float](repeating: 0, count: Int(seconds * Double(rate)))
        let burst = noise(seconds: 0.02)
        var time = offset
        while time < seconds {
            let first = Int(time * Double(rate))
            for (index, value) in burst.enumerated() where first + index < result.count {
                result[first + index] += 0.8 * value * Float(1 - Double(index) / Double(burst.count))
            }
            time += 60 / bpm
        }
        return result
    }

    static func samples(_ channels: [Float]...) -> AudioSamples { AudioSamples(sampleRate: rate, channels: channels) }
}
