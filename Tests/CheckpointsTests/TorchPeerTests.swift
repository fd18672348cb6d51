import Checkpoints
import Foundation
import Testing

/// torch itself: what it saves is read as it was. MVFLEET_TORCH_PYTHON is a Python that has it.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["MVFLEET_TORCH_PYTHON"] != nil, "MVFLEET_TORCH_PYTHON is not set")) struct TorchPeerTests {
    private struct Tensor: Decodable {
        var shape: [Int]
        var values: [Float]
    }

    private static func saved(_ body: (_ folder: String, _ expected: [String: [String: Tensor]]) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("torch-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let python = Process()
        python.executableURL = URL(fileURLWithPath: try #require(ProcessInfo.processInfo.environment["MVFLEET_TORCH_PYTHON"]))
        python.arguments = ["-c", program, folder]
        try python.run()
        python.waitUntilExit()
        #expect(python.terminationStatus == 0)
        try body(folder, JSONDecoder().decode([String: [String: Tensor]].self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/expected.json"))))
    }

    @Test func whatTorchSavesIsReadAsItWas() throws {
        try Self.saved { folder, expected in
            #expect(expected.count == 8)
            for (file, tensors) in expected {
                let archive = try TensorFiles.open("\(folder)/\(file)")
                #expect(archive.names == tensors.keys.sorted(), "\(file)")
                for (name, tensor) in tensors {
                    let stored = try archive.tensor(name)
                    #expect(stored.shape == tensor.shape, "\(file) \(name)")
                    #expect(try stored.floats() == tensor.values, "\(file) \(name)")
                }
            }
            for file in ["legacy.pth", "whole_module.pt", "sparse.pt", "arguments.pt"] {
                let error = #expect(throws: CheckpointError.self, "\(file)") { try TensorFiles.open("\(folder)/\(file)") }
                #expect(error?.code == .unsupported, "\(file): \(error?.message ?? "")")
            }
        }
    }

    private static let program = #"""
    import argparse, json, sys, collections, torch
    folder, expected = sys.argv[1], {}
    torch.manual_seed(1)
    def save(name, value, tensors, **options):
        torch.save(value, f"{folder}/{name}", **options)
        expected[name] = {k: dict(shape=list(v.shape), values=[float(x) for x in v.detach().double().flatten()]) for k, v in tensors.items()}
    module = torch.nn.Sequential(torch.nn.Linear(5, 3), torch.nn.LayerNorm(3), torch.nn.Conv2d(1, 2, 3))
    save("state.bin", module.state_dict(), module.state_dict())
    save("half.bin", module.half().state_dict(), module.state_dict())
    base = torch.randn(6, 4)
    views = dict(turned=base.t(), slice=base[1:5, 2:], wide=base[:1].expand(3, 4), step=base[::2, ::3], permuted=torch.randn(2, 3, 4).permute(2, 0, 1), scalar=torch.tensor(2.5), empty=torch.zeros(0, 4), same=base)
    save("views.pt", views, views)
    save("bf16.pth", dict(a=base.bfloat16(), b=torch.nn.Parameter(base.double()[0])), dict(a=base.bfloat16(), b=base.double()[0].float().double()))
    for protocol in (3, 4, 5):
        save(f"protocol{protocol}.pt", collections.OrderedDict(w=torch.nn.Parameter(base)), dict(w=base), pickle_protocol=protocol)
    save("nested.ckpt", dict(state_dict=dict(a=base), epoch=3, loss=0.25, names=["x", "y"], big=1 << 80 >> 20, flag=True, nothing=None), {"state_dict.a": base})
    torch.save(views, f"{folder}/legacy.pth", _use_new_zipfile_serialization=False)
    torch.save(module, f"{folder}/whole_module.pt")
    torch.save(base.to_sparse(), f"{folder}/sparse.pt")
    torch.save(dict(w=base, hparams=argparse.Namespace(lr=1)), f"{folder}/arguments.pt")
    json.dump(expected, open(f"{folder}/expected.json", "w"))
    """#
}
