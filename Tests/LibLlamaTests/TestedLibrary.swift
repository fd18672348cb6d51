import Foundation
import LibLlama

/// llama.cpp's library where it is installed: in the usual places, or where MVFLEET_TEST_LIBLLAMA says. Loaded once.
enum TestedLibrary {
    static let loaded: Result<LlamaLibrary, any Error> = Result {
        if let path = ProcessInfo.processInfo.environment["MVFLEET_TEST_LIBLLAMA"], !path.isEmpty { return try LlamaLibrary.find(environment: [LlamaLibrary.variable: path]) }
        return try LlamaLibrary.find()
    }

    static var isThere: Bool { (try? loaded.get()) != nil }
}
