/// A token that was added to a tokenizer's own pieces: text that is never cut.
struct AddedToken: Sendable {
    var id: Int32
    var content: String
    /// Takes the white space before it.
    var stripsLeft = false
    /// Takes the white space after it.
    var stripsRight = false
    /// Only between spaces.
    var isWholeWord = false
}
