import ArgumentParser
import Captioning
import FleetModel
import Foundation
import Stages

/// Who writes the texts: part of a job's recipes.
struct CaptionerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Who writes the texts: 'rules', or 'openai' for a language model on any chat-completions server.", valueName: "rules|openai"))
    var captioner = "rules"

    @Option(help: ArgumentHelp("With --captioner openai the language model, as its server names it; otherwise as --music-model, where a command has that.", valueName: "name")) var model: String?

    @Option(help: ArgumentHelp("An audio model that captions the music by listening. Default: the rules, from what was measured.", valueName: "name")) var audioModel: String?

    @Option(help: ArgumentHelp("How frames are shown: one picture each, or all on a contact sheet, about a fifteenth of the tokens.", valueName: "frames|contact-sheet"))
    var pictures: FramePictures?

    @Option(help: ArgumentHelp("Another model, asked where the first one's answers do not hold, or while no server answers for it; its texts are marked as degraded.", valueName: "name")) var fallbackModel: String?

    @Flag(help: "The rules write where no model's answer holds, or while no server answers; their texts are marked as degraded.") var fallbackRules = false

    @Option(name: .customLong("prompt"), help: ArgumentHelp("A prompt of your own as STAGE=FILE; 'mvfleet prompts show STAGE' prints one to begin from. Can be given several times.", valueName: "stage=file"))
    var prompts: [String] = []

    func validate() throws {
        switch captioner {
        case "rules":
            let others = [("--model", model != nil && musicModelDirectory == nil), ("--audio-model", audioModel != nil), ("--pictures", pictures != nil), ("--fallback-model", fallbackModel != nil),
                          ("--fallback-rules", fallbackRules), ("--prompt", !prompts.isEmpty)].filter(\.1).map(\.0)
            if let first = others.first { throw ValidationError("\(first) is for language models: add --captioner openai") }
        case LanguageModelRecipe.captioner:
            guard let model, !model.isEmpty else { throw ValidationError("--captioner openai needs --model, such as --model gpt-4o-mini-2024-07-18") }
        default:
            throw ValidationError("--captioner is '\(captioner)': this version has 'rules' and 'openai'")
        }
    }

    var usesLanguageModel: Bool { captioner != "rules" }

    /// Where `--model` names no language model of a server, but a directory with the paper's.
    var musicModelDirectory: String? {
        var isDirectory: ObjCBool = false
        guard captioner == "rules", let model, FileManager.default.fileExists(atPath: model, isDirectory: &isDirectory), isDirectory.boolValue else { return nil }
        return model
    }

    /// The stages that a language model writes unless a recipe says otherwise.
    private static let modelStages: [CaptionStage] = [.lyrics, .unifiedCaption, .mvType, .frameCaptions, .description]

    /// Settings by stage, to be laid under those that recipes give; empty for the rules.
    func settings() throws -> StageSettings {
        guard captioner != "rules", let model else { return StageSettings() }
        var settings: [StageName: [String: Any]] = [:]
        func add(_ stage: CaptionStage, _ model: String) {
            guard let name = StageName(rawValue: stage.rawValue) else { return }
            var values: [String: Any] = ["captioner": LanguageModelRecipe.captioner, "model": model, "fallback_rules": fallbackRules]
            if let fallbackModel { values["fallback_model"] = fallbackModel }
            if let pictures, LanguageModelRecipe.seesPictures(stage) { values["pictures"] = pictures.rawValue }
            settings[name] = values
        }
        for stage in Self.modelStages { add(stage, model) }
        if let audioModel { add(.musicCaption, audioModel) }
        if pictures == .contactSheet { settings["frames"] = ["contact_sheet": true] }
        for text in prompts {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let stage = CaptionStage(rawValue: parts[0]), let name = StageName(rawValue: parts[0]) else {
                throw ValidationError("--prompt is '\(text)': write STAGE=FILE with a stage of \(CaptionStage.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            guard settings[name] != nil else { throw ValidationError("--prompt \(text): no language model writes '\(stage.rawValue)' in this job\(stage == .musicCaption ? "; give --audio-model" : "")") }
            settings[name]?["prompt_text"] = try PromptTemplate(of: stage, file: parts[1]).text
        }
        return StageSettings(settings)
    }
}

/// A prompt's file, as people write it.
enum PromptFile {
    /// Prompts are a few thousand bytes.
    private static let largest = 256 * 1024

    static func read(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else { throw FleetError("prompt.unreadable", "the prompt \(path) cannot be read: check the path and its permissions") }
        guard data.count <= largest else { throw FleetError("prompt.invalid", "the prompt \(path) has \(data.count) bytes: at most \(largest) are taken") }
        guard let text = String(data: data, encoding: .utf8) else { throw FleetError("prompt.invalid", "the prompt \(path) is not UTF-8 text") }
        return text
    }
}

extension FramePictures: ExpressibleByArgument {}
