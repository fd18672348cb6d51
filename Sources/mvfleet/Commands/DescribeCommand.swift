import ArgumentParser
import Captioning
import ChatCompletions
import Fleet
import FleetModel
import Foundation
import Stages

struct DescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "The MV description of one video with its sound, without a fleet.",
        discussion: """
            With a language model its words are shown on standard error as they come, where that is a terminal.

            Examples:
              mvfleet describe clip.mp4
              mvfleet describe clip.mp4 --audio song.mp3 --text
              mvfleet describe clip.mp4 --captioner openai --model gpt-4o-mini-2024-07-18 --lyrics song.txt
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "Video files.") var files: [String]
    @Option(help: "The music, where it is not the video's own sound.") var audio: String?
    @Option(name: .customLong("genre"), help: "A genre to cite. Can be given several times.") var genres: [String] = []
    @Option(help: ArgumentHelp("A text file with the lyrics, for language models.", valueName: "file")) var lyrics: String?
    @OptionGroup var captioner: CaptionerOptions
    @OptionGroup var languageModels: LanguageModelOptions
    @Flag(help: "The paper's text form instead of JSON.") var text = false
    @Flag(help: "Show a language model's words as they come, also where standard error is no terminal.") var stream = false
    @OptionGroup var hardware: HardwareOptions

    func validate() throws {
        if let directory = captioner.musicModelDirectory { throw ValidationError("--model \(directory) is a directory: the paper's model is for 'mvfleet predict'; language models need --captioner openai") }
        if files.count > 1 {
            if audio != nil { throw ValidationError("--audio goes with one video, and \(files.count) are given") }
            if lyrics != nil { throw ValidationError("--lyrics goes with one video, and \(files.count) are given") }
        }
    }

    func run() async throws {
        let catalogue = try StageCatalogue.standard()
        var settings = try captioner.settings()
        // Somebody who asks for a still picture's description wants one.
        try settings.lay(#"{"filters_static":false}"#, over: "frames")
        let graph = try catalogue.graph(of: ["description"], settings: try settings.texts { _ in true })
        let clips = try files.map(clip)
        try await ClipPipeline.with(common, languageModels, usesLanguageModel: captioner.usesLanguageModel, hardware: try hardware.resolved(), showsWords: showsWords) { environment in
            for clip in clips {
                let outputs = try await SingleClip(catalogue: catalogue, environment: environment).outputs(of: clip, through: graph)
                let json = outputs["description"] ?? ""
                print(text ? try CanonicalJSON.decode(MVDescription.self, from: json).text.rendered : json)
            }
        }
    }

    private var showsWords: Bool { stream || isatty(FileHandle.standardError.fileDescriptor) == 1 }

    private func clip(_ file: String) throws -> Clip {
        let video = try MediaReference(reading: file)
        return Clip(id: (video.path as NSString).lastPathComponent, audio: try audio.map(MediaReference.init(reading:)) ?? video, video: video, genres: genres,
                    lyrics: try lyrics.map(LyricsFile.read))
    }
}

/// A clip's lyrics in a file of their own.
enum LyricsFile {
    private static let largest = 1 << 20

    static func read(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else { throw FleetError("lyrics.unreadable", "the lyrics \(path) cannot be read: check the path and its permissions") }
        guard data.count <= largest, let text = String(data: data, encoding: .utf8) else { throw FleetError("lyrics.invalid", "the lyrics \(path) are no UTF-8 text of at most \(largest) bytes") }
        return text
    }
}

extension MediaReference {
    /// - Throws: `source.missing` where there is no such file.
    init(reading file: String) throws {
        let path = URL(fileURLWithPath: file).standardizedFileURL.path
        guard let handle = FileHandle(forReadingAtPath: path) else { throw FleetError(.sourceMissing, "\(path) is not there, or may not be read: check the path and its permissions") }
        defer { try? handle.close() }
        var builder = DigestBuilder()
        do {
            while let data = try handle.read(upToCount: 1 << 20), !data.isEmpty { builder.update(data) }
        } catch {
            throw FleetError(.sourceMissing, "\(path) cannot be read: is it a file?", cause: error)
        }
        self.init(path: path, sha256: builder.finalize())
    }
}
