import CLibLlama
import Foundation
import MusicLanguageModel
import Synchronization

/// llama.cpp's library, loaded into this process where it is installed. It stays loaded.
///
/// It ends the process on some inputs that it takes for impossible (`GGML_ASSERT`): it is given only files that this program has written itself, and batches within its limits.
public final class LlamaLibrary: Sendable {
    /// The file that was loaded.
    public let path: String
    let functions: libllama
    let journal: LlamaJournal
    /// Held while a model is loaded: what the journal says meanwhile is of that one.
    let loading = NSLock()

    /// What the environment says where it is: the file, or the directory that holds it.
    public static let variable = "MVFLEET_LIBLLAMA"

    /// - Parameters:
    ///   - path: the library's file.
    ///   - log: is given the library's warnings and errors, a line each, from any of its threads.
    /// - Throws: `ModelError.backend` when it is none, or a version that is not known.
    public init(path: String, log: @escaping @Sendable (String) -> Void = { _ in }) throws(ModelError) {
        var functions = libllama(), message = [CChar](repeating: 0, count: 512)
        guard libllama_open(path, &functions, &message, message.count) == 0 else {
            let said = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw ModelError(code: .backend, message: "\(path) cannot be used as llama.cpp's library (\(said)): install a version of 2025 or later")
        }
        var parameters = functions.context_default_params()
        guard libllama_knows(&parameters) else {
            let sizes = libllama_get_sizes(&parameters)
            throw ModelError(code: .backend, message: """
                \(path) is a version of llama.cpp that is not known: its context's parameters begin with \(sizes.context), \(sizes.batch), \(sizes.micro_batch), \(sizes.sequences) \
                and not with 512, 2048, 512, 1; install another version
                """)
        }
        self.path = path
        self.functions = functions
        journal = LlamaJournal(log)
        // The library may write to its journal from threads of its own until the process ends.
        functions.log_set({ level, text, user in
            guard let text, let user else { return }
            Unmanaged<LlamaJournal>.fromOpaque(user).takeUnretainedValue().receive(level: level, String(cString: text))
        }, Unmanaged.passRetained(journal).toOpaque())
        functions.backend_init()
        // Packages have each processor's code in a file of its own, beside the library.
        if let count = functions.device_count, let load = functions.backends_load, count() == 0 {
            load(URL(fileURLWithPath: path).resolvingSymlinksInPath().deletingLastPathComponent().path)
        }
    }

    /// The first of ``candidates(environment:)`` that is there.
    ///
    /// - Throws: `ModelError.backend`, which says where it was looked for.
    public static func find(environment: [String: String] = ProcessInfo.processInfo.environment, log: @escaping @Sendable (String) -> Void = { _ in }) throws(ModelError) -> LlamaLibrary {
        let places = candidates(environment: environment)
        if let path = places.first(where: { FileManager.default.fileExists(atPath: $0) }) { return try LlamaLibrary(path: path, log: log) }
        let named = environment[variable].map { "\(variable) names \($0), where it is not" } ?? "it is in none of the usual places"
        throw ModelError(code: .backend, message: "llama.cpp's library libllama.so is not installed (\(named)): install it, for example with `pip install llama-cpp-python`, and set \(variable) to its file or directory")
    }

    /// Where the library is looked for: where ``variable`` says and nowhere else, or else in the system's directories, Python's, and this program's cache.
    public static func candidates(environment: [String: String]) -> [String] {
        func files(in directory: String) -> [String] { ["libllama.so", "libllama.so.0"].map { directory + "/" + $0 } }
        if let named = environment[variable], !named.isEmpty {
            var isDirectory = ObjCBool(false)
            return FileManager.default.fileExists(atPath: named, isDirectory: &isDirectory) && isDirectory.boolValue ? files(in: named) : [named]
        }
        #if arch(arm64)
        let system = ["/usr/local/lib", "/usr/lib/aarch64-linux-gnu", "/usr/lib"]
        #else
        let system = ["/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib"]
        #endif
        let home = environment["HOME"].map { [$0 + "/.local"] } ?? []
        let python = (environment["VIRTUAL_ENV"].map { [$0] } ?? []) + home + ["/usr/local"]
        let packages = python.flatMap { prefix in
            subdirectories(of: prefix + "/lib").filter { $0.hasPrefix("python3") }.flatMap { version in ["site-packages", "dist-packages"].map { "\(prefix)/lib/\(version)/\($0)/llama_cpp/lib" } }
        }
        let cache = environment["XDG_CACHE_HOME"] ?? environment["HOME"].map { $0 + "/.cache" }
        let own = cache.map { cache in subdirectories(of: cache + "/mvfleet").filter { $0.hasPrefix("libllama-") }.sorted().reversed().map { "\(cache)/mvfleet/\($0)/lib" } } ?? []
        return (system + packages + own).flatMap(files)
    }

    private static func subdirectories(of directory: String) -> [String] { ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted() }
}
