/// A model's answer as a description of a music video, with what it lacks.
public struct ParsedDescription: Hashable, Sendable, Codable {
    public struct Frame: Hashable, Sendable, Codable {
        /// From 1; one frame stands for two seconds of a clip.
        public var index: Int
        /// Empty where the model wrote none.
        public var title: String
        public var description: String

        public init(index: Int, title: String, description: String) {
            self.index = index
            self.title = title
            self.description = description
        }
    }

    /// One way in which an answer is not the form that the model was trained on.
    public struct Problem: Hashable, Sendable, Codable {
        public enum Kind: String, CaseIterable, Sendable, Codable {
            /// There is no text before the frames.
            case noOverview = "no_overview"
            /// There are no frames at all.
            case noFrames = "no_frames"
            /// Frames of the expected number that are not there.
            case missingFrames = "missing_frames"
            /// Frames whose number came before; the first one counts.
            case repeatedFrames = "repeated_frames"
            /// Frames past the expected number, left out.
            case extraFrames = "extra_frames"
            /// Frames that came before one of a smaller number.
            case disorderedFrames = "disordered_frames"
            case untitledFrames = "untitled_frames"
            /// Frames with a title and no text.
            case emptyFrames = "empty_frames"
            /// The answer ended at its longest, in the frame named, or in the overview.
            case cutOff = "cut_off"
            /// The answer is longer than any description, and was read only so far.
            case tooLong = "too_long"
        }

        public var kind: Kind
        /// The frames' numbers, ascending; empty where it is about the whole.
        public var frames: [Int]

        public init(_ kind: Kind, frames: [Int] = []) {
            self.kind = kind
            self.frames = frames
        }
    }

    public var overview: String
    /// Ascending, each number once, none past the expected one.
    public var frames: [Frame]
    /// What the model wrote after the last frame.
    public var closing: String
    public var problems: [Problem]

    /// Whether it is a description to the end: an overview and every frame, each with text.
    public var isComplete: Bool {
        !problems.contains { [.noOverview, .noFrames, .missingFrames, .emptyFrames, .cutOff, .tooLong].contains($0.kind) }
    }

    /// Frames of a 30-second clip.
    public static let framesOfAClip = 15

    /// Reads any text: what has the paper's form is found, and what is missing is named.
    ///
    /// - Parameters:
    ///   - finish: why the answer ended, where that is known.
    ///   - expectedFrames: 15 in the paper.
    public init(parsing text: String, finish: FinishReason = .stop, expectedFrames: Int = ParsedDescription.framesOfAClip) {
        let reader = DescriptionReader(text)
        overview = reader.overview
        closing = reader.closing
        problems = []
        var first: [Int: Frame] = [:], repeated: Set<Int> = [], extra: Set<Int> = [], disordered: Set<Int> = []
        var largest = 0
        for frame in reader.frames {
            guard (1 ... max(expectedFrames, 1)).contains(frame.index) else {
                extra.insert(frame.index)
                continue
            }
            guard first[frame.index] == nil else {
                repeated.insert(frame.index)
                continue
            }
            first[frame.index] = frame
            if frame.index < largest { disordered.insert(frame.index) }
            largest = max(largest, frame.index)
        }
        frames = first.values.sorted { $0.index < $1.index }

        func note(_ kind: Problem.Kind, _ frames: some Sequence<Int>) {
            let numbers = frames.sorted()
            if !numbers.isEmpty { problems.append(Problem(kind, frames: numbers)) }
        }
        if overview.isEmpty { problems.append(Problem(.noOverview)) }
        if frames.isEmpty { problems.append(Problem(.noFrames)) } else { note(.missingFrames, (1 ... max(expectedFrames, 1)).filter { first[$0] == nil }) }
        note(.repeatedFrames, repeated)
        note(.extraFrames, extra)
        note(.disorderedFrames, disordered)
        note(.untitledFrames, frames.filter(\.title.isEmpty).map(\.index))
        note(.emptyFrames, frames.filter(\.description.isEmpty).map(\.index))
        if finish == .length || finish == .cancelled { problems.append(Problem(.cutOff, frames: reader.frames.last.map { [$0.index] } ?? [])) }
        if reader.isCut { problems.append(Problem(.tooLong)) }
    }
}

extension ParsedDescription.Problem: CustomStringConvertible {
    public var description: String {
        let numbers = frames.prefix(20).map(String.init).joined(separator: ", ") + (frames.count > 20 ? " …" : "")
        return kind.rawValue.replacing("_", with: " ") + (frames.isEmpty ? "" : " (\(numbers))")
    }
}
