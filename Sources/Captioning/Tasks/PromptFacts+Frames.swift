extension PromptFacts {
    /// Names for pictures.
    static let pictureVocabulary: [String: PromptVocabulary.Kind] = [
        "frame_count": .text, "frame_list": .text, "has_sheet": .flag, "sheet": .media,
        "frames": .list(PromptVocabulary(["index": .text, "time": .text, "picture": .media])),
    ]

    /// - Parameter indices: the frames that are shown; nil for all. A contact sheet always shows all.
    static func pictures(_ visual: VisualFacts, as pictures: FramePictures, only indices: [Int]? = nil) -> PromptFacts {
        let all = Array(visual.frames.prefix(15))
        let frames = all.filter { indices?.contains($0.index) ?? true }
        return PromptFacts([
            "frame_count": .text(String(frames.count)),
            "frame_list": .text(frames.map { String($0.index) }.joined(separator: ", ")),
            "has_sheet": .flag(pictures == .contactSheet && !all.isEmpty),
            "sheet": .media(.contactSheet),
            "frames": .list(frames.map { PromptFacts(["index": .text(String($0.index)), "time": .text(seconds($0.time)), "picture": .media(.frame($0.index))]) }),
        ])
    }

    /// `4.0`; tenths, since no text says more.
    static func seconds(_ time: Double) -> String {
        guard time.isFinite, abs(time) < 1e6 else { return "0.0" }
        let tenths = Int((abs(time) * 10).rounded())
        return "\(time < 0 && tenths > 0 ? "-" : "")\(tenths / 10).\(tenths % 10)"
    }

    /// Names for what is kept of the other frames, and for what was wrong, while some are asked for again.
    static let keptVocabulary: [String: PromptVocabulary.Kind] = ["kept_frames": .data, "faults": .data, "is_cut": .flag, "is_unreadable": .flag, "is_refused": .flag]

    static func kept(_ draft: FramesDraft, without frames: [Int]) -> PromptFacts {
        let kept = draft.frames.filter { !frames.contains($0.index) }.map { "Frame \($0.index): \($0.title). \($0.text)" }
        return PromptFacts(["kept_frames": .data(UntrustedText(lines: kept, lineLimit: 400, count: 15))])
    }
}
