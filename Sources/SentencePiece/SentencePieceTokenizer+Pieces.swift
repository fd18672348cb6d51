/// What a piece stands for, numbered as SentencePiece's models do.
public enum PieceKind: Int32, Sendable {
    case normal = 1, unknown, control, userDefined, unused, byte
}

extension SentencePieceTokenizer {
    /// The larger, the earlier pieces are joined to this one; nil for no piece's number.
    public func score(_ id: Int32) -> Float? { model.pieces.indices.contains(Int(id)) ? model.pieces[Int(id)].score : nil }

    /// Nil for no piece's number.
    public func kind(_ id: Int32) -> PieceKind? { model.pieces.indices.contains(Int(id)) ? PieceKind(rawValue: Int32(model.pieces[Int(id)].kind.rawValue)) : nil }
}
