import NumericKernels

/// What the harmony front end sees of a piece of music, for those who train its models: the very numbers that inference reads.
public enum HarmonyObservations {
    /// frames × 76 notes from C1, square roots of the activations, tuned to the music; a frame every 2,048 samples of 22.05 kHz.
    public static func noteActivations(_ samples: AudioSamples) -> Matrix {
        NoteActivations(LogFrequencySpectrum(AnalysisSignal(samples))).strengths
    }
}
