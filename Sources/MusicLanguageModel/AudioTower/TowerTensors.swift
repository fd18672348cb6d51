import Checkpoints
import TensorKernels

/// An ImageBind checkpoint's tensors of sound, by the names that `imagebind_huge.pth` gives them, each checked to have the shape that its place asks for.
struct TowerTensors {
    let archive: any TensorArchive
    /// What stands before `modality_…` in a checkpoint of which the tower is only a part.
    let prefix: String
    private let names: Set<String>

    static let classToken = "modality_preprocessors.audio.cls_token"

    /// - Throws: `ModelError.checkpoint` when there is no audio tower.
    init(_ archive: any TensorArchive) throws(ModelError) {
        self.archive = archive
        names = Set(archive.names)
        guard let name = names.filter({ $0.hasSuffix(Self.classToken) }).min(by: { ($0.count, $0) < ($1.count, $1) }) else {
            throw ModelError(code: .checkpoint, message: "there is no tensor \(Self.classToken): the file holds no ImageBind audio tower (imagebind_huge.pth has one)")
        }
        prefix = String(name.dropLast(Self.classToken.count))
    }

    func has(_ name: String) -> Bool { names.contains(prefix + name) }

    /// One more than the highest number of a block of which there is anything, so that one that is not whole is missed.
    var blockCount: Int {
        let start = prefix + "modality_trunks.audio.blocks."
        return names.filter { $0.hasPrefix(start) }.compactMap { UInt16($0.dropFirst(start.count).prefix { $0 != "." }) }.map { Int($0) + 1 }.max() ?? 0
    }

    /// - shape: nil for sizes that are not known yet.
    func tensor(_ name: String, shape: [Int?]) throws(ModelError) -> StoredTensor {
        let tensor: StoredTensor
        do { tensor = try archive.tensor(prefix + name) } catch {
            throw ModelError(code: .checkpoint, message: "the audio tower lacks \(prefix + name): \(error)", cause: error)
        }
        guard tensor.shape.count == shape.count, zip(tensor.shape, shape).allSatisfy({ $0 > 0 && $0 <= 1 << 24 && ($1 == nil || $0 == $1) }) else {
            let wanted = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
            throw ModelError(code: .checkpoint, message: "tensor \(tensor.name) has the shape \(tensor.shape), not [\(wanted)]; its neighbours in the tower ask for that")
        }
        return tensor
    }

    func floats(_ name: String, shape: [Int]) throws(ModelError) -> [Float] {
        let tensor = try tensor(name, shape: shape)
        do { return try tensor.floats() } catch { throw ModelError(code: .checkpoint, message: "tensor \(tensor.name) cannot be read: \(error)", cause: error) }
    }

    /// Some rows of a matrix as a layer of its own.
    func matrix(_ name: String, shape: [Int], outputs: Range<Int>, format: WeightFormat) throws(ModelError) -> WeightMatrix {
        let tensor = try tensor(name, shape: shape)
        do {
            return try WeightMatrix(outputs: outputs.count, inputs: shape.dropFirst().reduce(1, *), format: format) { (rows: Range<Int>) throws(CheckpointError) -> [Float] in
                try tensor.rows(outputs.lowerBound + rows.lowerBound ..< outputs.lowerBound + rows.upperBound)
            }
        } catch {
            throw ModelError(code: .checkpoint, message: "tensor \(tensor.name) cannot be read: \(error)", cause: error)
        }
    }
}
