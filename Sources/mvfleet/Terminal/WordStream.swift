import Captioning
import FleetModel
import Foundation
import Synchronization

/// Shows the words of models' answers as they come. Answers are JSON: of it only the texts are shown, each on a line of its own.
/// Answers of several stages come at once: the one that began first is shown, and the others wait behind it.
final class WordStream: Sendable {
    private struct Answer {
        var stage: StageName
        var texts = StreamedTexts()
        /// What waits for the answers before it.
        var held = ""
    }

    /// In the order in which they began.
    private let answers = Mutex<[Answer]>([])
    private let write: @Sendable (String) -> Void

    init(write: @escaping @Sendable (String) -> Void = { FileHandle.standardError.write(Data($0.utf8)) }) {
        self.write = write
    }

    @inline(never)
    func show(_ piece: String, of stage: StageName) {
        answers.withLock { answers in
            let position = answers.firstIndex { $0.stage == stage } ?? answers.count
            if position == answers.count { answers.append(Answer(stage: stage, held: "[\(stage)]\n")) }
            answers[position].held += answers[position].texts.take(piece)
            while let first = answers.first {
                if !first.held.isEmpty { write(first.held) }
                answers[0].held = ""
                guard first.texts.isComplete else { break }
                answers.removeFirst()
            }
        }
    }
}
