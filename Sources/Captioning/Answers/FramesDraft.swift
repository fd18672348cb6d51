/// Words for frames, and for the whole where they are asked for, as a model wrote them.
public struct FramesDraft: Hashable, Sendable {
    public typealias Frame = DescriptionText.Frame

    public var overview: String?
    public var frames: [Frame]

    public init(overview: String?, frames: [Frame]) {
        self.overview = overview
        self.frames = frames
    }

    /// Frames that are read; of a flood the first ones tell enough.
    private static let mostFrames = 64

    /// - Parameters:
    ///   - member: what a frame's text is called.
    ///   - expected: the indices that were asked for.
    package init(_ answer: JSONValue, member: String, hasOverview: Bool, expected: [Int]) throws(AnswerFault) {
        guard let items = answer["frames"]?.array else { throw AnswerFault(.json, "answer", "its 'frames' is no list: write one object for each frame there") }
        var frames: [Frame] = []
        for (place, item) in items.prefix(Self.mostFrames).enumerated() {
            guard let index = item["index"]?.integer, let title = item["title"]?.string, let text = item[member]?.string else {
                throw AnswerFault(.json, "answer", "item \(place + 1) of its 'frames' lacks 'index', 'title' or '\(member)'")
            }
            frames.append(Frame(index: index, title: title, text: text))
        }
        overview = hasOverview ? try TextDraft(answer, member: "overview").text : nil
        self.frames = Self.numbered(frames, expected)
    }

    /// Frames in another order are put into theirs, and those that nobody asked for are left out; frames counted from 0, or from 1 where later ones
    /// were asked for, get their numbers; one that is missing is there without words, so that it can be asked for by itself.
    private static func numbered(_ frames: [Frame], _ expected: [Int]) -> [Frame] {
        let sorted = frames.sorted { $0.index < $1.index }
        let indices = sorted.map(\.index)
        if indices == expected || expected.isEmpty { return expected.isEmpty ? [] : sorted }
        let isCounted = indices.first == 0 || Set(indices).isDisjoint(with: expected)
        if isCounted, let first = indices.first, first == 0 || first == 1, indices == Array(first..<(first + expected.count)) {
            return zip(sorted, expected).map { Frame(index: $1, title: $0.title, text: $0.text) }
        }
        let known = sorted.filter { expected.contains($0.index) }
        guard !known.isEmpty, Set(known.map(\.index)).count == known.count else { return frames }
        return expected.map { index in known.first { $0.index == index } ?? Frame(index: index, title: "", text: "") }
    }

    /// With the words of some frames from another.
    func merging(_ indices: [Int], from other: FramesDraft) -> FramesDraft {
        var merged = self
        merged.frames = frames.map { frame in
            indices.contains(frame.index) ? other.frames.first { $0.index == frame.index } ?? frame : frame
        }
        return merged
    }

    /// The frames to which alone violations belong; empty where something else is wrong too, or where the frames are not those expected.
    package static func failing(_ violations: [Violation], expected: [Int]) -> [Int] {
        var failing: Set<Int> = []
        for violation in violations {
            guard violation.rule != .frames, violation.place.hasPrefix("frame "), let index = violation.place.split(separator: " ").dropFirst().first.flatMap({ Int($0) }), expected.contains(index) else { return [] }
            failing.insert(index)
        }
        return failing.count < expected.count ? failing.sorted() : []
    }
}
