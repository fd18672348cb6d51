import NumericKernels

/// Reads a recording's music while its samples come, in memory that does not grow with its length (but for the features themselves).
///
/// Up to ten minutes are read as one piece. What is longer is read in pieces of three minutes and a half, each with its own tempo, key and
/// level, as in a concert each song has; neighbours overlap by half a minute and are joined at a bar's start that both hear. Loudness, peaks,
/// silence, fades, clipping and width are measured over the whole in any case.
public struct MusicAnalysisSession: ~Copyable {
    /// Seconds that are read as one piece.
    public static let wholeSeconds = 600.0
    /// Of a longer recording: seconds of a piece, of what two have in common, and of what the last must have beyond that.
    private static let pieceSeconds = 210.0
    private static let overlapSeconds = 30.0
    private static let leastRestSeconds = 45.0
    /// Frames that a piece may have at least, whatever the sample rate; and those that it may have at most, where this leaves it a minute.
    private static let mostFrames = 12_000_000
    private static let leastPieceSeconds = 60.0
    /// Loudness and the like are measured on stretches of so many tenths of a second; with many channels, on shorter ones.
    private static let stretchSteps = 100
    private static let mostStretchSamples = 1 << 22

    private let sampleRate: Int
    private let channelCount: Int
    private let wholeFrames: Int
    private let pieceFrames: Int
    private let overlapFrames: Int
    private let leastRestFrames: Int
    private let stretchFrames: Int
    private var isInPieces: Bool

    /// All channels, until a stretch is full.
    private var stretch: [[Float]]
    private var frameCount = 0
    private var loudness: LoudnessMeter
    private var meter: SignalMeter
    private var waveform: WaveformRecorder?
    private var voice: VoiceMeter?
    /// One or two channels of what is not yet read, and their peak.
    private var sides: [[Float]]
    private var sidesStart = 0
    private var peak: Float = 0
    private var pieces: [MusicPiece] = []

    /// - Parameters:
    ///   - sampleRate: samples a second, 1,000…768,000.
    ///   - expectedFrames: how many will come, as far as is known: a long recording is then read in pieces from its beginning on.
    ///   - includesWaveform: whether ``Result/waveform`` is wanted.
    ///   - includesVoice: whether ``MusicFeatures/egemaps`` is wanted, which takes three times as long as all else.
    public init(sampleRate: Int, channelCount: Int, expectedFrames: Int? = nil, includesWaveform: Bool = false, includesVoice: Bool = false) {
        precondition((1_000 ... 768_000).contains(sampleRate), "a sample rate is 1–768 kHz")
        (self.sampleRate, self.channelCount) = (sampleRate, channelCount)
        let rate = Double(sampleRate)
        pieceFrames = min(Int(Self.pieceSeconds * rate), max(Self.mostFrames, Int(Self.leastPieceSeconds * rate)))
        overlapFrames = min(Int(Self.overlapSeconds * rate), pieceFrames / 3)
        leastRestFrames = min(Int(Self.leastRestSeconds * rate), pieceFrames / 3)
        // At high rates less time is one piece, in the same memory.
        wholeFrames = min(Int(Self.wholeSeconds * rate), max(Int(Self.wholeSeconds * 48_000), pieceFrames + leastRestFrames))
        isInPieces = (expectedFrames ?? 0) > wholeFrames
        let step = LoudnessMeter.stepLength(sampleRate: sampleRate)
        stretchFrames = step * min(Self.stretchSteps, max(4, Self.mostStretchSamples / (step * max(channelCount, 1))))
        stretch = [[Float]](repeating: [], count: channelCount)
        sides = [[Float]](repeating: [], count: min(channelCount, 2))
        loudness = LoudnessMeter(sampleRate: sampleRate, channelCount: channelCount)
        meter = SignalMeter(sampleRate: sampleRate, channelCount: channelCount)
        waveform = includesWaveform ? WaveformRecorder() : nil
        voice = includesVoice ? VoiceMeter(sampleRate: sampleRate) : nil
        let most = isInPieces ? pieceFrames + leastRestFrames + stretchFrames : wholeFrames
        for side in sides.indices { sides[side].reserveCapacity(min(expectedFrames ?? 0, most)) }
    }

    /// Samples that are held at the moment.
    package var heldSampleCount: Int { (sides + stretch).reduce(0) { $0 + $1.count } }

    /// Takes the next samples: one array a channel, all of one length; full scale is ±1, every sample finite.
    public mutating func append(_ channels: [[Float]]) {
        precondition(channels.count == channelCount && channels.allSatisfy { $0.count == channels[0].count }, "as many channels as were named, of equal lengths")
        let frames = channels.first?.count ?? 0
        var first = 0
        while first < frames {
            let last = min(frames, first + stretchFrames - stretch[0].count)
            for channel in channels.indices { stretch[channel].append(contentsOf: channels[channel][first ..< last]) }
            first = last
            if stretch[0].count == stretchFrames { takeStretch() }
        }
    }

    /// What was read of all that came.
    public consuming func finish() -> Result {
        takeStretch()
        if pieces.isEmpty || !(sides.first?.isEmpty ?? true) { readPiece(keeping: 0) }
        let measured = meter.finish()
        let duration = Double(frameCount) / Double(sampleRate)
        var features = MusicFeatures(pieces: MusicPiece.cut(pieces), loudness: loudness.loudness(), signal: measured.signal, stereo: measured.stereo, duration: duration)
        features.egemaps = voice?.finish()
        return Result(features: features, waveform: waveform)
    }

    public struct Result: Sendable {
        public var features: MusicFeatures
        /// Where it was asked for.
        public var waveform: WaveformRecorder?
    }

    /// Measures a stretch and puts it with what is to be read.
    private mutating func takeStretch() {
        guard let count = stretch.first?.count, count > 0 else { return }
        frameCount += count
        let peaks = stretch.map(Reductions.peak)
        loudness.append(stretch, peaks: peaks)
        meter.append(stretch)
        waveform?.append(stretch)
        voice?.append(stretch)
        peak = max(peak, peaks.max() ?? 0)
        for (side, samples) in AnalysisSignal.sides(stretch).enumerated() { sides[side].append(contentsOf: samples) }
        for channel in stretch.indices { stretch[channel].removeAll(keepingCapacity: true) }
        if sides[0].count > wholeFrames { isInPieces = true }
        while isInPieces, sides[0].count >= pieceFrames + leastRestFrames { readPiece(keeping: sides[0].count - pieceFrames + overlapFrames) }
    }

    /// Reads all but what comes after the piece's end; keeps the last frames, which the next piece begins with.
    private mutating func readPiece(keeping kept: Int) {
        let ahead = max(0, kept - overlapFrames)
        var rest: [[Float]] = []
        for side in sides.indices {
            rest.append(Array(sides[side].suffix(kept)))
            sides[side].removeLast(ahead)
        }
        let count = sides.first?.count ?? 0
        pieces.append(MusicPiece(taking: &sides, sampleRate: sampleRate, peak: peak, start: Double(sidesStart) / Double(sampleRate)))
        sidesStart += count + ahead - kept
        sides = rest
        peak = rest.map(Reductions.peak).max() ?? 0
    }
}
