extension RuleCaptioner {
    /// One title and one caption (12 to 30 words) per frame, of what is seen only. At most 15 frames are read.
    public func frameCaptions(_ visual: VisualFacts) -> FrameCaptions {
        var writer = FrameWriter(deck: deck("frame captions"))
        return FrameCaptions(frames: visual.frames.prefix(15).map { writer.write($0) }, source: .rules)
    }

    /// The kinds that a measurement speaks for. Most kinds need eyes that understand a scene, which rules have not: where nothing speaks for one,
    /// the result is `Artistic/Abstract`, the kind that claims least, with a low confidence and the reason.
    public func mvTypes(_ visual: VisualFacts) -> MVTypes {
        let frames = visual.frames.prefix(15).map(FrameReading.init)
        let all = frames.map(\.facts.index)
        var types: [MVTypes.Judgement] = []
        if visual.isStatic {
            let kind = visual.staticKind?.lowercased() ?? ""
            if kind.contains("lyric") || kind.contains("text") {
                types.append(.init(name: .lyricVideo, evidenceFrames: all, confidence: 0.6, reason: "writing changes over a picture that stays still"))
            }
            types.append(.init(name: .montage, evidenceFrames: all, confidence: 0.9, reason: "the video consists of still pictures"))
        } else {
            let still = frames.filter { $0.motion == .still }
            let shots = Set(frames.map(\.facts.shot)).count
            // Pictures that do not move inside and are exchanged by cuts.
            if frames.count >= 5, shots >= 3, Double(still.count) >= 0.8 * Double(frames.count) {
                types.append(.init(name: .montage, evidenceFrames: still.map(\.facts.index), confidence: 0.55,
                                   reason: "the shots hardly move inside and follow one another by cuts"))
            }
        }
        if types.isEmpty {
            types.append(.init(name: .artistic, evidenceFrames: [], confidence: 0.1,
                               reason: "no measurement speaks for any kind; this one claims least, and a model that sees scenes should decide"))
        }
        return MVTypes(types: types, source: .rules)
    }
}
