import Foundation
import GGUF
import Testing

/// What the `gguf` package says of the files: run by scripts/check-libllama, which installs it.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["MVFLEET_TEST_TORCH_PYTHON"] != nil, "MVFLEET_TEST_TORCH_PYTHON names no Python with gguf; run scripts/check-libllama"))
struct GGUFReaderTests {
    @Test(arguments: GGUFTensorType.allCases)
    func theReaderFindsAllOfIt(type: GGUFTensorType) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-gguf-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appendingPathComponent("model.gguf"), output = Pipe()
        try LlamaModelFile(tensors: SmallLlama(), vocabulary: SmallLlama.vocabulary, format: type, mergesAdapters: false).write(to: file.path)
        let python = Process()
        python.executableURL = URL(fileURLWithPath: ProcessInfo.processInfo.environment["MVFLEET_TEST_TORCH_PYTHON"] ?? "")
        // Row r of a checkpoint's matrix is r + column / 64; the value matrix keeps its rows' order.
        python.arguments = ["-c", """
            import sys, numpy
            from gguf import GGUFReader, quants
            reader = GGUFReader(sys.argv[1])
            tensors = {tensor.name: tensor for tensor in reader.tensors}
            value = tensors["blk.1.attn_v.weight"]
            numbers = quants.dequantize(value.data, value.tensor_type).reshape(16, 32)
            right = numpy.arange(16)[:, None] + numpy.arange(32)[None] / 64
            print(value.tensor_type.name, len(tensors), reader.get_field("llama.attention.head_count_kv").contents(), bool(numpy.abs(numbers - right).max() <= float(sys.argv[2])))
            """, file.path, type == .q4_0 ? "1.1" : "0.07"]
        python.standardOutput = output
        try python.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        python.waitUntilExit()
        #expect(said == "\(type.rawValue.uppercased()) 21 2 True\n")
    }
}
