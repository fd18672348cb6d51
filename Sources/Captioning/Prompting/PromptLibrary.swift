/// The prompts that a program has: those in it, and any that are read from files.
public struct PromptLibrary: Sendable {
    private var prompts: [PromptID: PromptTemplate] = [:]

    /// The prompts of this module. A new version is a file in `Prompts/`, a resource in the manifest, and a line here; a version that was used never changes.
    public static func builtIn() throws(CaptionError) -> PromptLibrary {
        var library = PromptLibrary()
        for bytes in [
            PackageResources.music_caption_v1_prompt, PackageResources.lyrics_v1_prompt, PackageResources.unified_caption_v1_prompt,
            PackageResources.mv_type_v1_prompt, PackageResources.frame_captions_v1_prompt, PackageResources.description_v1_prompt,
        ] {
            try library.add(String(decoding: bytes, as: UTF8.self))
        }
        return library
    }

    private init() {}

    /// - Parameter text: a prompt's file.
    /// - Throws: `CaptionError.Code.malformedPrompt`, or `unknownPrompt` where another text has its name and version already.
    public mutating func add(_ text: String) throws(CaptionError) {
        let prompt = try PromptTemplate(parsing: text)
        if let other = prompts[prompt.id], other != prompt {
            throw CaptionError(.unknownPrompt, "there are two different prompts '\(prompt.id)': give the changed one a new version or a name of its own")
        }
        prompts[prompt.id] = prompt
    }

    /// All, by name and version.
    public var all: [PromptTemplate] { prompts.values.sorted { $0.id < $1.id } }

    /// The prompt of a stage.
    ///
    /// - Parameters:
    ///   - name: nil for the stage's own name.
    ///   - version: nil for the newest.
    /// - Throws: `CaptionError.Code.unknownPrompt`, with what there is.
    public func prompt(for stage: CaptionStage, name: String? = nil, version: Int? = nil) throws(CaptionError) -> PromptTemplate {
        let known = all.filter { $0.stage == stage }
        let name = name ?? stage.rawValue
        guard let prompt = known.last(where: { $0.id.name == name && (version == nil || $0.id.version == version) }) else {
            let wanted = version.map { "\(name)@\($0)" } ?? name
            throw CaptionError(.unknownPrompt, "there is no prompt '\(wanted)' for the stage '\(stage.rawValue)': there are \(known.map(\.id.description).joined(separator: ", "))")
        }
        return prompt
    }
}
