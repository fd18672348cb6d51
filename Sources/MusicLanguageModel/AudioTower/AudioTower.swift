import Checkpoints
import Dispatch
import Glibc
import Synchronization
import TensorKernels

/// ImageBind's audio tower: a clip's spectrum in patches through a transformer to one vector (Girdhar et al. 2023, "ImageBind: One Embedding Space To Bind Them All").
///
/// All sizes but the number of heads are read off the tensors. Serves any number of callers at a time.
public final class AudioTower: Sendable {
    public let configuration: AudioTowerConfiguration
    public let format: WeightFormat
    /// Numbers of a token.
    public let width: Int
    public let heads: Int
    /// Numbers of an embedding.
    public let outputs: Int
    /// Of a clip: one a patch, and the one that becomes the embedding.
    public let tokenCount: Int
    public var blockCount: Int { blocks.count }
    /// Bytes of memory that the weights take.
    public let byteCount: Int

    /// Clips that pass through together: what they need in memory, 11 MB each in the published size, has this bound.
    private static let group = 6

    private let patch: (rows: Int, columns: Int)
    private let grid: (rows: Int, columns: Int)
    private let stem: WeightMatrix
    private let stemNorm: LayerNorm
    private let classToken: [Float]
    private let positions: [Float]
    private let blocks: [TowerBlock]
    private let headNorm: LayerNorm
    private let head: WeightMatrix
    /// The length of an embedding.
    private let scale: Float
    private let workspaces = WorkspacePool()

    /// - Parameters:
    ///   - tensors: with the names of `imagebind_huge.pth`, possibly behind a prefix; of other modalities' tensors nothing is read.
    ///   - format: of the blocks' weights in memory; the few others stay in single precision.
    /// - Throws: `ModelError.checkpoint` naming the tensor that is missing or does not fit.
    public init(tensors: any TensorArchive, configuration: AudioTowerConfiguration = .init(), format: WeightFormat = .float32) throws(ModelError) {
        try configuration.validate()
        let tensors = try TowerTensors(tensors)
        let preprocessor = "modality_preprocessors.audio."
        let convolution = try tensors.tensor(preprocessor + "rgbt_stem.proj.weight", shape: [nil, 1, nil, nil]).shape
        let width = convolution[0], patch = (rows: convolution[2], columns: convolution[3])
        guard patch.rows <= configuration.melBins, patch.columns <= configuration.frames else {
            throw ModelError(
                code: .checkpoint, message: "the audio tower's patches have \(patch.rows) × \(patch.columns) numbers, a spectrum only \(configuration.melBins) × \(configuration.frames)")
        }
        let grid = (
            rows: (configuration.melBins - patch.rows) / configuration.patchStride + 1, columns: (configuration.frames - patch.columns) / configuration.patchStride + 1)
        let tokenCount = grid.rows * grid.columns + 1
        let heads = try Self.heads(configuration, width: width)
        guard !tensors.has("modality_trunks.audio.pre_transformer_layer.0.weight") else {
            throw ModelError(code: .checkpoint, message: "the audio tower has a layer norm before its blocks, which no published one has; it is not supported")
        }
        stem = try tensors.matrix(preprocessor + "rgbt_stem.proj.weight", shape: convolution, outputs: 0 ..< width, format: .float32)
        stemNorm = try LayerNorm(preprocessor + "rgbt_stem.norm_layer", of: tensors, width: width, epsilon: configuration.stemEpsilon)
        classToken = try tensors.floats(TowerTensors.classToken, shape: [1, 1, width])
        positions = try tensors.floats(preprocessor + "pos_embedding_helper.pos_embed", shape: [1, tokenCount, width])
        var blocks: [TowerBlock] = []
        for block in 0 ..< tensors.blockCount { blocks.append(try TowerBlock(block, of: tensors, width: width, epsilon: configuration.epsilon, format: format)) }
        guard let hidden = blocks.first?.hiddenWidth, blocks.allSatisfy({ $0.hiddenWidth == hidden }) else {
            throw ModelError(code: .checkpoint, message: "the audio tower has no blocks (modality_trunks.audio.blocks.0.…), or blocks of unequal widths: the file is not whole")
        }
        headNorm = try LayerNorm("modality_heads.audio.0", of: tensors, width: width, epsilon: configuration.epsilon)
        outputs = try tensors.tensor("modality_heads.audio.2.weight", shape: [nil, width]).shape[0]
        head = try tensors.matrix("modality_heads.audio.2.weight", shape: [outputs, width], outputs: 0 ..< outputs, format: .float32)
        let logScale = try tensors.floats("modality_postprocessors.audio.1.log_logit_scale", shape: [])
        scale = min(exp(logScale[0]), configuration.greatestScale)
        byteCount = blocks.map(\.byteCount).reduce(stem.byteCount + head.byteCount + 4 * positions.count, +)
        (self.configuration, self.format, self.width, self.heads, self.tokenCount, self.patch, self.grid, self.blocks) = (configuration, format, width, heads, tokenCount, patch, grid, blocks)
    }

    /// Each recording's clips as vectors of `outputs` numbers, all of one length: the same to the bit whatever recordings are beside it and however many threads there are.
    ///
    /// - Parameters:
    ///   - recordings: of this tower's configuration. Any number: they pass through in groups, so that memory is bounded, and clips of several recordings fill a group.
    ///   - threads: that work at the same time, each on clips of its own.
    public func embed(_ recordings: [ClipSpectra], threads: Int = 1) -> [[[Float]]] {
        let clips = recordings.flatMap(images)
        let size = max(1, min(Self.group, (clips.count + threads - 1) / max(1, threads)))
        let groups = stride(from: 0, to: clips.count, by: size).map { clips[$0 ..< min($0 + size, clips.count)] }
        var embeddings: [[Float]] = []
        if threads > 1 && groups.count > 1 {
            let finished = Mutex([[[Float]]](repeating: [], count: groups.count))
            let next = Atomic(0)
            DispatchQueue.concurrentPerform(iterations: min(threads, groups.count)) { _ in
                while true {
                    let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard index < groups.count else { return }
                    let vectors = vectors(of: groups[index])
                    finished.withLock { $0[index] = vectors }
                }
            }
            embeddings = finished.withLock { $0 }.flatMap { $0 }
        } else {
            embeddings = groups.flatMap { vectors(of: $0) }
        }
        var rest = embeddings[...]
        return recordings.map { recording in
            defer { rest = rest.dropFirst(recording.clipCount) }
            return Array(rest.prefix(recording.clipCount))
        }
    }

    /// What stands between the tower's layers for one clip, each `tokenCount × width`, row-major.
    public struct Trace: Sendable {
        /// What the first block reads.
        public var tokens: [Float]
        /// What each block gives.
        public var blocks: [[Float]]
    }

    /// The layers' values for a recording's first clip.
    public func trace(_ recording: ClipSpectra) -> Trace {
        let work = workspaces.take() ?? workspace()
        defer { workspaces.give(work) }
        load(images(recording).prefix(1), into: work)
        var trace = Trace(tokens: work.tokens.values, blocks: [])
        for block in blocks {
            block.apply(to: work, onlyFirst: false)
            trace.blocks.append(work.tokens.values)
        }
        return trace
    }

    private func vectors(of clips: ArraySlice<ArraySlice<Float>>) -> [[Float]] {
        let work = workspaces.take() ?? workspace()
        defer { workspaces.give(work) }
        load(clips, into: work)
        for (index, block) in blocks.enumerated() { block.apply(to: work, onlyFirst: index == blocks.count - 1) }
        headNorm.apply(to: work.tokens, into: work.normed)
        let vectors = Activations(rows: 0, columns: outputs)
        head.multiply(work.normed, into: vectors)
        return (0 ..< clips.count).map { unit(vectors[row: $0]) }
    }

    private func images(_ recording: ClipSpectra) -> [ArraySlice<Float>] {
        precondition(recording.bins == configuration.melBins && recording.frames == configuration.frames, "spectra are made by a front end of the same configuration")
        let size = recording.bins * recording.frames
        return (0 ..< recording.clipCount).map { recording.values[$0 * size ..< ($0 + 1) * size] }
    }

    /// The first block's tokens: patches through the convolution, the class token before those of each clip, positions added.
    private func load(_ clips: ArraySlice<ArraySlice<Float>>, into work: TowerWorkspace) {
        work.patches.resize(rows: clips.count * (tokenCount - 1))
        for (index, clip) in clips.enumerated() {
            work.patches.fill(
                fromRow: index * (tokenCount - 1), patchesOf: clip, rows: configuration.melBins, columns: configuration.frames, patchRows: patch.rows, patchColumns: patch.columns,
                stride: configuration.patchStride)
        }
        stem.multiply(work.patches, into: work.patchTokens)
        stemNorm.apply(to: work.patchTokens, into: work.patchTokens)
        work.tokens.resize(rows: clips.count * tokenCount)
        for clip in 0 ..< clips.count {
            work.tokens[row: clip * tokenCount] = classToken
            work.tokens.copy(work.patchTokens, rows: clip * (tokenCount - 1) ..< (clip + 1) * (tokenCount - 1), toRow: clip * tokenCount + 1)
            work.tokens.add(positions, toRowsFrom: clip * tokenCount)
        }
    }

    private func unit(_ vector: [Float]) -> [Float] {
        let length = max(vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot(), 1e-12)
        return vector.map { Float(Double($0) / length) * scale }
    }

    private func workspace() -> TowerWorkspace {
        TowerWorkspace(patchSize: patch.rows * patch.columns, tokens: tokenCount, width: width, heads: heads, hiddenWidth: blocks[0].hiddenWidth)
    }

    private static func heads(_ configuration: AudioTowerConfiguration, width: Int) throws(ModelError) -> Int {
        let heads = configuration.heads ?? max(1, width / 64)
        guard width % heads == 0, configuration.heads != nil || width % 64 == 0 else {
            throw ModelError(
                code: .checkpoint,
                message: "an audio tower of width \(width) does not divide into \(heads) heads; put \"audio_num_heads\" into the imagebind_config.json beside the checkpoint")
        }
        return heads
    }
}
