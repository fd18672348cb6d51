import FleetModel
import Foundation
import MusicLanguageModel
import TensorKernels

/// A loaded audio tower.
public protocol MusicTower: Sendable {
    var configuration: AudioTowerConfiguration { get }

    /// Each recording's clips as vectors, in order. Blocking, and the work of seconds: call it on a thread of its own.
    func vectors(of recordings: [ClipSpectra]) -> [[[Float]]]
}

/// A loaded language model with what stands before it: tokenizer, adaptor, prompt.
public protocol MusicWriter: Sendable {
    /// Starts on a text: returns when it is accepted, and its pieces then come as they are made.
    ///
    /// - Throws: `ModelError`.
    func write(_ sources: PredictionSources, _ settings: PredictionSettings) async throws -> AsyncThrowingStream<GeneratedPiece, any Error>

    func shutdown() async
}

/// Reads parts of checkpoints into memory.
public protocol MusicModelLoader: Sendable {
    /// Blocking.
    func tower(in directory: String, weights: WeightFormat) throws -> any MusicTower

    func writer(in directory: String, _ needs: MusicModels.WriterNeeds) async throws -> any MusicWriter
}

/// Runs blocking or long work on a thread of its own: the cooperative pool has one for each processor, and must not wait.
func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try work() }) }
    }
}
