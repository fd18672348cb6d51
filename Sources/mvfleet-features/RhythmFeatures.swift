import Media
import MusicAnalysis

/// frames × columns of what the beat network reads.
enum RhythmFeatures {
    static func export(_ file: String, to directory: String) throws {
        let audio = try AudioDecoder().decode(path: file)
        let features = BeatFeatures(AudioSamples(sampleRate: audio.sampleRate, channels: audio.channels))
        try NumpyFile.write(features.rows, to: NumpyFile.path(of: file, in: directory))
    }
}
