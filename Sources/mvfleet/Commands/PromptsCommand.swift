import ArgumentParser
import Captioning
import Fleet
import FleetModel
import Foundation
import Media
import Stages

struct PromptsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prompts", abstract: "The prompts that language models are asked with.",
        subcommands: [PromptsListCommand.self, PromptsShowCommand.self, PromptsDiffCommand.self])
}

struct PromptsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "The prompts of this program.", discussion: "Example: mvfleet prompts list")

    @Flag(help: "One JSON object a prompt.") var json = false

    private struct Row: Encodable {
        var stage: String
        var prompt: String
        var answer_tokens: Int
        var sha256: String
    }

    func run() async throws {
        let rows = try PromptLibrary.builtIn().all.map { Row(stage: $0.stage.rawValue, prompt: $0.id.description, answer_tokens: $0.answerTokens, sha256: $0.digest) }
        if json { return try rows.forEach(Self.printJSON) }
        var table = TextTable([("STAGE", .left), ("PROMPT", .left), ("ANSWER TOKENS", .right), ("SHA-256", .left)])
        for row in rows { table.add([row.stage, row.prompt, row.answer_tokens.grouped, String(row.sha256.prefix(16))]) }
        print(table.rendered())
    }
}

/// What a prompt is shown with: one clip's media, or nothing.
struct PromptClipOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A video whose facts fill the prompt: what is shown is exactly what would be sent.", valueName: "file")) var clip: String?
    @Option(help: "The music, where it is not the video's own sound.") var audio: String?
    @Option(help: ArgumentHelp("A text file with the lyrics.", valueName: "file")) var lyrics: String?
    @Option(name: .customLong("genre"), help: "A genre of the clip. Can be given several times.") var genres: [String] = []
    @Option(help: ArgumentHelp("How frames are shown.", valueName: "frames|contact-sheet")) var pictures: FramePictures?

    func validate() throws {
        if clip == nil, audio != nil || lyrics != nil || !genres.isEmpty || pictures != nil { throw ValidationError("--audio, --lyrics, --genre and --pictures go with --clip") }
    }

    /// The request of a stage with this prompt, as text; the template alone where no clip is given.
    func rendered(_ stage: CaptionStage, _ prompt: PromptTemplate, isOwn: Bool, _ common: CommonOptions) async throws -> String {
        guard let clip else { return prompt.text }
        guard let name = StageName(rawValue: stage.rawValue) else { return prompt.text }
        let video = try MediaReference(reading: clip)
        let source = Clip(id: (video.path as NSString).lastPathComponent, audio: try audio.map(MediaReference.init(reading:)) ?? video, video: video, genres: genres,
                          lyrics: try lyrics.map(LyricsFile.read))
        var recipe = LanguageModelRecipe(model: "(model)", prompt: prompt, hasOwnPrompt: isOwn)
        if let pictures { recipe.pictures = pictures }
        let catalogue = try StageCatalogue.standard()
        var settings: [StageName: String] = [name: try CanonicalJSON.encode(recipe)]
        let graph = try catalogue.graph(of: [name], settings: settings)
        if graph.stages.contains(where: { $0.name == "frames" }) { settings["frames"] = #"{"contact_sheet":\#(pictures == .contactSheet),"filters_static":false}"# }
        let full = try catalogue.graph(of: [name], settings: settings)
        return try await ClipPipeline.with(common, nil, usesLanguageModel: false, hardware: .off, showsWords: false) { environment in
            let preview = try await ClipPreview(catalogue: catalogue, environment: environment).requests(of: source, in: full, stages: [name]).first
            return preview.map { PromptPreview($0.prompt).description } ?? "Nothing is asked of this clip: the stage's text is settled without a model.\n"
        }
    }
}

struct PromptsShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print a stage's prompt, or exactly what would be sent for a clip.",
        discussion: """
            Without --clip the template is printed, which is what --prompt STAGE=FILE takes.

            Examples:
              mvfleet prompts show description > mine.prompt
              mvfleet prompts show frame-captions --clip clip.mp4 --pictures contact-sheet
            """)

    @OptionGroup var common: CommonOptions
    @Argument(help: "A stage that writes text.") var stage: CaptionStage
    @Option(help: ArgumentHelp("A prompt of your own. Default: this program's newest.", valueName: "file")) var prompt: String?
    @OptionGroup var clip: PromptClipOptions

    func run() async throws {
        print(try await clip.rendered(stage, try PromptTemplate(of: stage, file: prompt), isOwn: prompt != nil, common), terminator: "")
    }
}

struct PromptsDiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show what differs between this program's prompt and another, or between what would be sent for a clip.",
        discussion: "Ends with status 1 where they differ, as diff does.\n\nExample: mvfleet prompts diff description mine.prompt --clip clip.mp4")

    @OptionGroup var common: CommonOptions
    @Argument(help: "A stage that writes text.") var stage: CaptionStage
    @Argument(help: "A prompt's file.") var file: String
    @OptionGroup var clip: PromptClipOptions

    func run() async throws {
        let own = try await clip.rendered(stage, try PromptTemplate(of: stage, file: nil), isOwn: false, common)
        let other = try await clip.rendered(stage, try PromptTemplate(of: stage, file: file), isOwn: true, common)
        let difference = LineDifference(from: own, to: other)
        guard !difference.isEmpty else { return print("no difference") }
        print(difference.description)
        throw ExitCode(1)
    }
}

extension CaptionStage: ExpressibleByArgument {}

extension PromptTemplate {
    /// - Parameter file: nil for this program's newest prompt of the stage.
    /// - Throws: what is wrong with the file.
    init(of stage: CaptionStage, file: String?) throws {
        guard let file else {
            self = try PromptLibrary.builtIn().prompt(for: stage)
            return
        }
        do {
            try self.init(parsing: try PromptFile.read(file))
        } catch let error as CaptionError {
            throw FleetError("prompt.invalid", "the prompt \(file) does not read: \(error)")
        }
        guard self.stage == stage else { throw FleetError("prompt.invalid", "the prompt \(file) is for the stage '\(self.stage.rawValue)', and '\(stage.rawValue)' is asked for") }
    }
}
