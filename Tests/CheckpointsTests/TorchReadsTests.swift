import Checkpoints
import Foundation
import Testing

/// What PyTorch itself says of the archives: run by scripts/check-libllama, which installs it.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["MVFLEET_TEST_TORCH_PYTHON"] != nil, "MVFLEET_TEST_TORCH_PYTHON names no Python with torch; run scripts/check-libllama"))
struct TorchReadsTests {
    @Test(arguments: [ElementType.float16, .bfloat16, .float32])
    func torchLoadsWhatIsWritten(type: ElementType) throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("mvfleet-torch-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let values = (0 ..< 300 * 7).map { Float($0 % 512) / 4 - 64 }, file = directory.appendingPathComponent("tensor.pt"), output = Pipe()
        try Data(TorchArchiveWriter.bytes(values, shape: [300, 7], as: type)).write(to: file)
        let python = Process()
        python.executableURL = URL(fileURLWithPath: ProcessInfo.processInfo.environment["MVFLEET_TEST_TORCH_PYTHON"] ?? "")
        python.arguments = ["-c", """
            import sys, torch
            loaded = torch.load(sys.argv[1], weights_only=True)
            right = (torch.arange(2100) % 512 / 4 - 64).reshape(300, 7).to(loaded.dtype)
            print(loaded.dtype, loaded.is_contiguous(), torch.equal(loaded, right))
            """, file.path]
        python.standardOutput = output
        try python.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        python.waitUntilExit()
        let name = [ElementType.float16: "torch.float16", .bfloat16: "torch.bfloat16", .float32: "torch.float32"][type] ?? ""
        #expect(said == "\(name) True True\n")
    }
}
