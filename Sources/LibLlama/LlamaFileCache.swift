import Foundation
import GGUF
import MusicLanguageModel

/// The GGUF files that llama.cpp is given of a checkpoint, kept in a directory from one start to the next.
///
/// A file's name says what it was made from, so that it is made once: the checkpoint's identity, the format, whether adapters are merged, and the version of what writes it.
/// Nothing is ever taken away here: who needs the room deletes the directory.
public struct LlamaFileCache: Sendable {
    /// The files of one model.
    public struct Files: Hashable, Sendable {
        public var model: String
        /// LoRA beside the model; nil where there is none, or where it is merged or left out.
        public var adapter: String?
    }

    public let directory: String

    /// Counted up when the same checkpoint is written otherwise.
    private static let version = 1

    /// - directory: made where it is not there; nil for `gguf` in this program's cache.
    public init(directory: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.directory = directory ?? (environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? NSHomeDirectory()) + "/.cache") + "/mvfleet/gguf"
    }

    /// The files of a checkpoint, written where they are not there. Takes as long as reading and writing the weights once.
    ///
    /// - Parameters:
    ///   - identity: names the checkpoint by what is in its files, such as their SHA-256: letters, digits, `-`, `_`, 8 or more.
    /// - Throws: `ModelError.backend` when nothing can be written there; what reading the checkpoint throws.
    public func files(of tensors: any LlamaTensors, tokenizer: Tokenizer, format: GGUFTensorType, adapters: AdapterUse, identity: String) throws -> Files {
        guard identity.utf8.count >= 8, identity.utf8.count <= 128, identity.unicodeScalars.allSatisfy({ $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || "-_".unicodeScalars.contains($0)) }) else {
            throw ModelError(code: .request, message: "'\(identity.prefix(40))' cannot name a checkpoint's files")
        }
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw ModelError(code: .backend, message: "the directory \(directory) for llama.cpp's model files cannot be made: give another cache directory", cause: error)
        }
        let prefix = "\(directory)/\(identity)-v\(Self.version)-"
        let model = prefix + format.rawValue + (adapters == .merged ? "-merged" : "") + ".gguf"
        try Self.make(model) {
            let vocabulary = try GGUFVocabulary(tokenizer, rows: tensors.configuration.vocabulary)
            try LlamaModelFile(tensors: tensors, vocabulary: vocabulary, format: format, mergesAdapters: adapters == .merged).write(to: $0)
        }
        guard adapters == .applied else { return Files(model: model) }
        let adapter = prefix + "lora.gguf"
        try Self.make(adapter) { _ = try LlamaAdapterFile(tensors: tensors).write(to: $0) }
        return Files(model: model, adapter: FileManager.default.fileExists(atPath: adapter) ? adapter : nil)
    }

    private static func make(_ path: String, _ write: (String) throws -> Void) throws {
        if !FileManager.default.fileExists(atPath: path) { try write(path) }
    }
}
