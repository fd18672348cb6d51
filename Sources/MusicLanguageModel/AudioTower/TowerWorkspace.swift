import TensorKernels

/// The matrices that a group of clips passes through. One group at a time.
final class TowerWorkspace {
    let patches: Activations
    let patchTokens: Activations
    var tokens: Activations
    var normed: Activations
    let queries: Activations
    let keysAndValues: Activations
    var mixed: Activations
    let hidden: Activations
    let attention: EncoderAttention

    init(patchSize: Int, tokens count: Int, width: Int, heads: Int, hiddenWidth: Int) {
        patches = Activations(rows: 0, columns: patchSize)
        patchTokens = Activations(rows: 0, columns: width)
        tokens = Activations(rows: 0, columns: width)
        normed = Activations(rows: 0, columns: width)
        queries = Activations(rows: 0, columns: width)
        keysAndValues = Activations(rows: 0, columns: 2 * width)
        mixed = Activations(rows: 0, columns: width)
        hidden = Activations(rows: 0, columns: hiddenWidth)
        attention = EncoderAttention(tokens: count, heads: heads, headWidth: width / heads)
    }
}
