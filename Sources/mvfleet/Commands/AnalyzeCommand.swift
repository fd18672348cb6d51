import ArgumentParser
import Stages

struct AnalyzeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze", abstract: "Tempo, beats, downbeats, key, chords and more of audio files, as JSON lines.",
        discussion: """
            Times in seconds. A file that cannot be read gives a line with 'error', and the others go on.

            Examples:
              mvfleet analyze song.mp3 | jq .tempo_bpm
              mvfleet analyze song.mp3 --plot song.svg
              mvfleet analyze clips/ --plot pictures > features.jsonl
            """)

    @OptionGroup var media: MediaFileOptions
    @Option(help: ArgumentHelp("Also draw waveform, beats, bars, chords, sections and energy. Of one file, to this .svg file; of several, to DIR/CLIP.svg.",
                               valueName: "file.svg or dir")) var plot: String?

    func run() async throws {
        let destination = try plot.map { try PlotDestination($0, paths: try media.paths()) }
        try await media.each { path, clip, children in
            let analysis = try await MediaRequests(children: children).analyze(path, clip: clip, includesPlot: destination != nil)
            if let destination, let plot = analysis.plot { try destination.write(plot, of: clip) }
            return analysis.json
        }
    }
}
