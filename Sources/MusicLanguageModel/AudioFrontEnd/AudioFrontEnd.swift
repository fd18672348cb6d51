/// From samples to what the audio tower sees: resampled, cut into clips, each clip's log mel spectrum normalised, as ImageBind's `load_and_transform_audio_data` does.
public struct AudioFrontEnd: Sendable {
    public let configuration: AudioTowerConfiguration
    public let meanSubtraction: MeanSubtraction
    private let filterBank: KaldiFilterBank

    /// - Throws: `ModelError.checkpoint` for a configuration whose values are out of range.
    public init(_ configuration: AudioTowerConfiguration = .init(), meanSubtraction: MeanSubtraction = .inPlace) throws(ModelError) {
        try configuration.validate()
        self.init(checked: configuration, meanSubtraction: meanSubtraction)
    }

    /// - configuration: whose values were found to be in range.
    init(checked configuration: AudioTowerConfiguration, meanSubtraction: MeanSubtraction) {
        self.configuration = configuration
        self.meanSubtraction = meanSubtraction
        filterBank = KaldiFilterBank(sampleRate: configuration.sampleRate, melBins: configuration.melBins)
    }

    /// What the tower sees of a recording.
    ///
    /// Only what the clips hear is resampled, so that memory beside the samples is bounded whatever their number. The spectrum is the first channel's; the mean that is taken
    /// from it is that of all channels, as upstream.
    ///
    /// - Parameters:
    ///   - channels: of equal length, finite, full scale ±1.
    ///   - sampleRate: Hz.
    /// - Throws: `ModelError.audio` for less than 25 ms of audio, channels of unequal length, samples that are no finite numbers, or a sample rate beyond ``SincResampler/rates``.
    public func spectra(of channels: [[Float]], sampleRate: Int) throws(ModelError) -> ClipSpectra {
        guard SincResampler.rates.contains(sampleRate) else {
            let rates = SincResampler.rates
            throw ModelError(code: .audio, message: "audio of \(sampleRate) samples a second; the model takes from \(rates.lowerBound) to \(rates.upperBound): is the file read rightly?")
        }
        let count = channels.first?.count ?? 0
        guard channels.allSatisfy({ $0.count == count }) else {
            throw ModelError(code: .audio, message: "the audio's channels have \(channels.map(\.count)) samples; they must be equally long")
        }
        let resampler = SincResampler(from: sampleRate, to: configuration.sampleRate)
        let plan = ClipPlan(
            sampleCount: resampler.outputCount(inputCount: count), sampleRate: configuration.sampleRate, clipSeconds: configuration.clipSeconds, clipCount: configuration.clipCount)
        guard let shortest = plan.sampleRanges.map(\.count).min(), shortest >= filterBank.window else {
            throw ModelError(code: .audio, message: "there are \(count) samples at \(sampleRate) Hz of audio; the model hears no less than 25 ms, and should have some seconds")
        }
        var result = ClipSpectra(plan: plan, bins: configuration.melBins, frames: configuration.frames)
        for var span in spans(of: plan) {
            var heard = channels.map { resampler.resample($0, outputs: span.samples) }
            guard heard.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
                throw ModelError(code: .audio, message: "the audio has samples that are no finite numbers; decode it anew")
            }
            while let clip = span.clips.popFirst() {
                let range = plan.sampleRanges[clip]
                result.append(normalised(spectrum(of: &heard, in: range.lowerBound - span.samples.lowerBound ..< range.upperBound - span.samples.lowerBound)))
            }
        }
        return result
    }

    /// The first channel's spectrum of a part, after the mean of all channels was taken from that part, for good or for this once.
    private func spectrum(of channels: inout [[Float]], in range: Range<Int>) -> [Float] {
        var sum = 0.0
        for channel in channels { for sample in channel[range] { sum += Double(sample) } }
        let mean = Float(sum / Double(channels.count * range.count))
        switch meanSubtraction {
        case .inPlace:
            for channel in channels.indices { for index in range { channels[channel][index] -= mean } }
            return filterBank.spectrum(channels[0][range])
        case .eachClip:
            return filterBank.spectrum(channels[0][range].map { $0 - mean }[...])
        }
    }

    /// `bins × frames`, padded with 0 before it is normalised, or cut.
    private func normalised(_ spectrum: [Float]) -> [Float] {
        let (bins, frames) = (configuration.melBins, configuration.frames), heard = spectrum.count / bins
        var result = [Float](repeating: (0 - configuration.mean) / configuration.deviation, count: bins * frames)
        for frame in 0 ..< min(frames, heard) {
            for bin in 0 ..< bins { result[bin * frames + frame] = (spectrum[frame * bins + bin] - configuration.mean) / configuration.deviation }
        }
        return result
    }

    /// Clips that overlap, together with all that they hear.
    private func spans(of plan: ClipPlan) -> [(samples: Range<Int>, clips: Range<Int>)] {
        var spans: [(samples: Range<Int>, clips: Range<Int>)] = []
        for (clip, range) in plan.sampleRanges.enumerated() {
            if let last = spans.last, range.lowerBound < last.samples.upperBound {
                spans[spans.count - 1] = (last.samples.lowerBound ..< max(last.samples.upperBound, range.upperBound), last.clips.lowerBound ..< clip + 1)
            } else {
                spans.append((range, clip ..< clip + 1))
            }
        }
        return spans
    }
}

extension ModelError.Code {
    /// Audio that the model cannot hear: too short, or not samples.
    public static let audio = ModelError.Code(rawValue: "model.audio")
}
