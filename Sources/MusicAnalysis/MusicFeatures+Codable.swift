extension MusicFeatures {
    enum CodingKeys: String, CodingKey {
        case isSilent = "silent", tempoBpm = "tempo_bpm", tempoConfidence = "tempo_confidence", tempoAbsence = "tempo_absence", tempoAlternatives = "tempo_alternatives"
        case beats, downbeats, beatsPerBar = "beats_per_bar", metreConfidence = "metre_confidence"
        case key, keyConfidence = "key_confidence", keyReason = "key_reason", tuningHz = "tuning_hz", chords, chroma, loudness, onsets, onsetRate = "onset_rate"
        case percussiveness, timbre, energy, sections, tempoCurve = "tempo_curve", tempoStability = "tempo_stability"
        case onsetDensity = "onset_density", chromaDeviation = "chroma_deviation", mfcc, signal, stereo, energyChanges = "energy_changes", windows, passages, egemaps
    }

    /// Spelled out so that what is unknown is written as null, and every record has the same keys.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(isSilent, forKey: .isSilent)
        try container.encode(tempoBpm, forKey: .tempoBpm)
        try container.encode(tempoConfidence, forKey: .tempoConfidence)
        try container.encode(tempoAbsence, forKey: .tempoAbsence)
        try container.encode(tempoAlternatives, forKey: .tempoAlternatives)
        try container.encode(beats, forKey: .beats)
        try container.encode(downbeats, forKey: .downbeats)
        try container.encode(beatsPerBar, forKey: .beatsPerBar)
        try container.encode(metreConfidence, forKey: .metreConfidence)
        try container.encode(key, forKey: .key)
        try container.encode(keyConfidence, forKey: .keyConfidence)
        try container.encode(keyReason, forKey: .keyReason)
        try container.encode(tuningHz, forKey: .tuningHz)
        try container.encode(chords, forKey: .chords)
        try container.encode(chroma, forKey: .chroma)
        try container.encode(loudness, forKey: .loudness)
        try container.encode(onsets, forKey: .onsets)
        try container.encode(onsetRate, forKey: .onsetRate)
        try container.encode(percussiveness, forKey: .percussiveness)
        try container.encode(timbre, forKey: .timbre)
        try container.encode(energy, forKey: .energy)
        try container.encode(sections, forKey: .sections)
        try container.encode(tempoCurve, forKey: .tempoCurve)
        try container.encode(tempoStability, forKey: .tempoStability)
        try container.encode(onsetDensity, forKey: .onsetDensity)
        try container.encode(chromaDeviation, forKey: .chromaDeviation)
        try container.encode(mfcc, forKey: .mfcc)
        try container.encode(signal, forKey: .signal)
        try container.encode(stereo, forKey: .stereo)
        try container.encode(energyChanges, forKey: .energyChanges)
        try container.encode(windows, forKey: .windows)
        try container.encodeIfPresent(passages, forKey: .passages)
        try container.encodeIfPresent(egemaps, forKey: .egemaps)
    }
}

extension MusicFeatures.Loudness {
    enum CodingKeys: String, CodingKey {
        case integratedLufs = "integrated_lufs", rangeLu = "range_lu", momentaryMaxLufs = "momentary_max_lufs"
        case shortTermMaxLufs = "short_term_max_lufs", samplePeakDbfs = "sample_peak_dbfs", truePeakDbtp = "true_peak_dbtp"
        case perSecondLufs = "per_second_lufs"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(integratedLufs, forKey: .integratedLufs)
        try container.encode(rangeLu, forKey: .rangeLu)
        try container.encode(momentaryMaxLufs, forKey: .momentaryMaxLufs)
        try container.encode(shortTermMaxLufs, forKey: .shortTermMaxLufs)
        try container.encode(samplePeakDbfs, forKey: .samplePeakDbfs)
        try container.encode(truePeakDbtp, forKey: .truePeakDbtp)
        try container.encode(perSecondLufs, forKey: .perSecondLufs)
    }
}

extension MusicFeatures.Timbre {
    enum CodingKeys: String, CodingKey {
        case centroidHz = "centroid_hz", rolloffHz = "rolloff_hz", flatness, lowShare = "low_share"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(centroidHz, forKey: .centroidHz)
        try container.encode(rolloffHz, forKey: .rolloffHz)
        try container.encode(flatness, forKey: .flatness)
        try container.encode(lowShare, forKey: .lowShare)
    }
}
