import Checkpoints

/// A matrix with a row a token (`embed_tokens` or `lm_head`): the model's own rows, and those of added tokens behind them.
struct VocabularyRows: Sendable {
    private let base: StoredTensor
    private let added: StoredTensor?

    /// - added: rows behind the base's.
    init(base: StoredTensor, added: StoredTensor? = nil) throws(ModelError) {
        guard base.shape.count == 2, added.map({ $0.shape.count == 2 && $0.shape[1] == base.shape[1] }) ?? true else {
            throw ModelError(code: .checkpoint, message: "tensors \(base.name) \(base.shape) and \(added?.name ?? "-") \(added?.shape ?? []) are no rows of tokens")
        }
        self.base = base
        self.added = added
    }

    var count: Int { base.shape[0] + (added?.shape[0] ?? 0) }
    var width: Int { base.shape[1] }

    func rows(_ rows: Range<Int>) throws(CheckpointError) -> [Float] {
        let own = base.shape[0]
        guard rows.upperBound > own, let added else { return try base.rows(rows) }
        let first = rows.lowerBound < own ? try base.rows(rows.lowerBound ..< own) : []
        return first + (try added.rows(max(rows.lowerBound, own) - own ..< rows.upperBound - own))
    }
}
