import Foundation
import LibLlama
import MusicLanguageModel
import Testing

@Suite struct LlamaLibraryTests {
    @Test func whatTheEnvironmentNamesIsTheOnlyPlace() throws {
        let directory = FileManager.default.temporaryDirectory.path
        #expect(LlamaLibrary.candidates(environment: ["MVFLEET_LIBLLAMA": directory, "HOME": "/root"]) == [directory + "/libllama.so", directory + "/libllama.so.0"])
        #expect(LlamaLibrary.candidates(environment: ["MVFLEET_LIBLLAMA": "/some/libother.so"]) == ["/some/libother.so"])
        #expect(LlamaLibrary.candidates(environment: [:]).contains("/usr/local/lib/libllama.so"))
    }

    @Test func saysWhereItIsMissing() {
        let error = #expect(throws: ModelError.self) { try LlamaLibrary.find(environment: ["MVFLEET_LIBLLAMA": "/nowhere/libllama.so"]) }
        #expect(error?.code == .backend && error?.message.contains("/nowhere/libllama.so") == true)
    }

    @Test func aLibraryOfSomethingElseIsRefused() throws {
        let other = try #require(["/lib/x86_64-linux-gnu/libm.so.6", "/lib/aarch64-linux-gnu/libm.so.6"].first { FileManager.default.fileExists(atPath: $0) })
        let error = #expect(throws: ModelError.self) { try LlamaLibrary(path: other) }
        #expect(error?.message.contains("no function llama_log_set") == true)
    }

    @Test func whatIsNoLibraryIsRefused() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("libllama-\(UInt64.random(in: 0 ... .max)).so").path
        try Data("text".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: ModelError.self) { try LlamaLibrary(path: path) }
    }
}
