import Glibc
import NumericKernels

/// All that speaks for beats: what the network hears, the onsets themselves, their periodicity, and when the harmony changes.
struct RhythmObservations: Sendable {
    /// Likelihood ratios beyond this say nothing more.
    private static let ratioLimit: Float = 4

    let network: BeatNetwork.Output
    let onsets: BeatActivations
    let tempogram: Tempogram
    let harmony: HarmonicRhythm
    /// Single onsets a second.
    let onsetRate: Double
    /// Log-likelihood ratio of a beat against none, a frame.
    let beatRatio: [Float]

    var frameRate: Double { BeatNetwork.frameRate }
    var frameCount: Int { network.beat.count }
    var duration: Double { Double(frameCount) / frameRate }

    init(network: BeatNetwork.Output, onsets: BeatActivations, harmony: HarmonicRhythm, onsetRate: Double) {
        self.network = network
        self.onsets = onsets
        self.harmony = harmony
        self.onsetRate = onsetRate
        tempogram = Tempogram(network.beat, frameRate: BeatNetwork.frameRate)
        beatRatio = network.beat.map { Self.ratio($0, 1 - $0) }
    }

    /// Rewards of the positions of a bar: its first beat, its others.
    func rewards(beatsPerBar: Int) -> [[Float]] {
        let first = network.downbeat.indices.map { Self.ratio(network.downbeat[$0], 1 - network.beat[$0]) }
        let other = network.beat.indices.map { Self.ratio(max(0.02, network.beat[$0] - network.downbeat[$0]), 1 - network.beat[$0]) }
        return [first] + [[Float]](repeating: other, count: beatsPerBar - 1)
    }

    /// Log-probability that the network gives a tempo, between its classes by interpolation.
    func tempoLogProbability(_ tempo: Double) -> Float {
        let place = log(tempo / BeatNetwork.slowest) / log(BeatNetwork.fastest / BeatNetwork.slowest) * Double(network.tempo.count - 1)
        let low = min(max(Int(place), 0), network.tempo.count - 2)
        let fraction = Float(min(max(place - Double(low), 0), 1))
        return network.tempo[low] * (1 - fraction) + network.tempo[low + 1] * fraction
    }

    /// The network's tempi at the peaks of its distribution, the likeliest first.
    func likelyTempi(count: Int) -> [Double] {
        let scores = network.tempo
        let peaks = scores.indices.filter { scores[$0] >= scores[max(0, $0 - 1)] && scores[$0] >= scores[min(scores.count - 1, $0 + 1)] }
        return peaks.sorted { scores[$0] > scores[$1] }.prefix(count).map {
            BeatNetwork.slowest * pow(BeatNetwork.fastest / BeatNetwork.slowest, Double($0) / Double(scores.count - 1))
        }
    }

    private static func ratio(_ yes: Float, _ no: Float) -> Float {
        min(ratioLimit, max(-ratioLimit, log(max(yes, 1e-4)) - log(max(no, 1e-4))))
    }
}
