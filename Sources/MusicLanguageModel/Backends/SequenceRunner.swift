import TensorKernels

/// Runs a language model over the rows of some sequences. Made and used by one thread.
package protocol SequenceRunner: AnyObject {
    /// Scores of the next token, of the last run: a row for each sequence, in their order.
    var logits: Activations { get }

    /// Room for a new sequence, given back when nobody holds it any more.
    ///
    /// - capacity: its tokens at most.
    func open(capacity: Int) throws -> any RunnerSequence

    /// Runs a part of a sequence's prompt.
    ///
    /// - Parameters:
    ///   - embeddings: whole rows, row-major.
    ///   - isLast: whether the scores of the token after it are asked for.
    func run(_ embeddings: ArraySlice<Float>, of sequence: any RunnerSequence, isLast: Bool, usesAdapters: Bool) throws

    /// Runs one token of each of some sequences, and asks for the scores of the token after it.
    func run(_ tokens: [SequenceToken]) throws
}

/// What a runner keeps of a sequence.
package protocol RunnerSequence: AnyObject {
    /// Tokens that were run.
    var count: Int { get }
}

/// A sequence's next token.
package struct SequenceToken {
    package var token: Int32
    package var sequence: any RunnerSequence
    package var usesAdapters: Bool
}
