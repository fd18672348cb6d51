import ArgumentParser
import Stages

struct AnalyzeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze", abstract: "Tempo, beats, downbeats, key, chords and more of audio files, as JSON lines.",
        discussion: """
            Times in seconds from the start of what is analysed, which 'start_time' names. A file that cannot be read gives a line with 'error', and \
            the others go on. Files of up to six hours are analysed whole, or the part that --start and --duration say. Up to ten minutes are read as one \
            piece; longer ones in pieces of three and a half minutes, which 'passages' lists with the tempo and key of each, in memory that does \
            not grow with the file. 'truncated' says that the file goes on.

            Examples:
              mvfleet analyze song.mp3 | jq .tempo_bpm
              mvfleet analyze song.mp3 --plot song.svg
              mvfleet analyze clips/ --plot pictures > features.jsonl
              mvfleet analyze concert.flac --start 1800 --duration 30
            """)

    @OptionGroup var media: MediaFileOptions
    @Option(help: ArgumentHelp("Also draw waveform, beats, bars, chords, sections and energy. Of one file, to this .svg file; of several, to DIR/CLIP.svg.",
                               valueName: "file.svg or dir")) var plot: String?

    @Option(help: ArgumentHelp("Where to begin, in seconds from the file's first sample.", valueName: "seconds")) var start = 0.0
    @Option(help: ArgumentHelp("How much to analyse, in seconds: 1 to 21600. (default: 21600, six hours)", valueName: "seconds")) var duration: Double?

    @Flag(help: "Add 'egemaps': the 88 speech and timbre descriptors of eGeMAPS by openSMILE's names. Takes three times as long.") var egemaps = false

    func validate() throws {
        guard start >= 0, start <= 1_000_000 else { throw ValidationError("--start is \(start): give seconds from the file's beginning, 0 to 1000000") }
        if let duration, !(1...AudioSettings.longest).contains(duration) { throw ValidationError("--duration is \(duration): give 1 to 21600 seconds (six hours), and the rest with --start") }
    }

    func run() async throws {
        let destination = try plot.map { try PlotDestination($0, paths: try media.paths()) }
        let start = start, duration = duration, egemaps = egemaps
        try await media.each { path, clip, children in
            let analysis = try await MediaRequests(children: children).analyze(path, clip: clip, start: start, duration: duration, includesVoice: egemaps, includesPlot: destination != nil)
            if let destination, let plot = analysis.plot { try destination.write(plot, of: clip) }
            return analysis.json
        }
    }
}
