import Media
import MusicAnalysis

/// frames × notes of what the chord network's chroma is folded from.
enum HarmonyFeatures {
    static func export(_ file: String, to directory: String) throws {
        let audio = try AudioDecoder().decode(path: file)
        let notes = HarmonyObservations.noteActivations(AudioSamples(sampleRate: audio.sampleRate, channels: audio.channels))
        try NumpyFile.write(notes, to: NumpyFile.path(of: file, in: directory))
    }
}
