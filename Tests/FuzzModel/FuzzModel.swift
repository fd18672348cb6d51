import Checkpoints
import SentencePiece

// The fuzzer's entry, see scripts/fuzz: bytes are taken for a model's files - torch.save's, safetensors, a tokenizer's - and read, with all that they say to hold.
// A clear error is a good answer; what must not be is a crash, a hang, or memory without bound.

/// More numbers than this are not read, but counted: their time is not what is looked for.
private let mostNumbers = 1 << 20

/// libFuzzer's own loop.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(_ argumentCount: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
                       _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt) -> CInt

/// What the package manager makes the program's `main`.
@_cdecl("fuzz_model_main")
public func main(_ argumentCount: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var argumentCount = argumentCount, arguments = arguments
    return runDriver(&argumentCount, &arguments) { fuzzModel($0, $1) }
}

private func fuzzModel(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 0 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    if let archive = try? TorchArchive(bytes: bytes, name: "fuzz") { check(archive, fileBytes: count) }
    if let archive = try? SafetensorsArchive(bytes: bytes, name: "fuzz") { check(archive, fileBytes: count) }
    if let tokenizer = try? SentencePieceTokenizer(bytes: bytes, name: "fuzz") { check(tokenizer) }
    return 0
}

private func check(_ archive: any TensorArchive, fileBytes: Int) {
    precondition(archive.names == archive.names.sorted(), "names are sorted")
    for name in archive.names.prefix(16) {
        guard let tensor = try? archive.tensor(name) else { preconditionFailure("a name has a tensor") }
        precondition(tensor.elementCount >= 0 && tensor.shape.allSatisfy { $0 >= 0 }, "sizes are sizes")
        // What expands beyond its storage does so within a bound.
        precondition(tensor.byteCount <= max(fileBytes, 8 << 26), "a tensor is no larger than its file, or the bound")
        guard tensor.elementCount <= mostNumbers else { continue }
        if let values = try? tensor.floats() {
            precondition(values.count == tensor.elementCount, "all numbers are read")
            if let rows = tensor.shape.first, rows > 0, let last = try? tensor.rows(rows - 1 ..< rows) {
                precondition(zip(last, values.suffix(last.count)).allSatisfy { $0.bitPattern == $1.bitPattern }, "the last row is the end of all")
            }
        }
    }
}

private func check(_ tokenizer: SentencePieceTokenizer) {
    let text = "Hello  world\n### Assistant: 日本 🎵 e\u{301}<s>▁▁a12"
    let ids = tokenizer.encode(text)
    precondition(ids.allSatisfy { (0 ..< tokenizer.vocabularySize).contains(Int($0)) }, "pieces are of the vocabulary")
    let all = ids + (0 ..< 300).map { Int32($0) } + [-1, .max]
    var decoder = PieceDecoder(tokenizer)
    precondition(all.map { decoder.append($0) }.joined() + decoder.finish() == tokenizer.decode(all), "what is given out in parts is the text of all")
}
