/// What may be said of one frame by itself: measurements sorted into the classes that there are words for.
struct FrameReading {
    enum Tone: Int, Comparable { case black, dark, dim, middle, bright, white
        static func < (left: Tone, right: Tone) -> Bool { left.rawValue < right.rawValue }
    }
    enum Motion: Int, Comparable { case still, gentle, moderate, strong
        static func < (left: Motion, right: Motion) -> Bool { left.rawValue < right.rawValue }
    }
    enum Colour { case none, muted, natural, vivid }

    let facts: FrameFacts
    let tone: Tone
    let motion: Motion
    let colour: Colour
    /// Names of the colours that lead, at most two; empty where there is none to name.
    let colours: [String]

    init(_ facts: FrameFacts) {
        self.facts = facts
        tone = Self.tone(facts.brightness)
        motion = Self.motion(facts.motion)
        // Mean saturation: film stock without colour lies below 0.05, everyday scenes around 0.3.
        colour = facts.saturation < 0.05 ? .none : facts.saturation < 0.18 ? .muted : facts.saturation > 0.5 ? .vivid : .natural
        colours = Self.leading(facts.palette)
    }

    /// Mean luma at the borders of the words.
    static func tone(_ brightness: Double) -> Tone {
        brightness < 0.03 ? .black : brightness < 0.16 ? .dark : brightness < 0.34 ? .dim : brightness < 0.6 ? .middle : brightness < 0.88 ? .bright : .white
    }

    static func motion(_ motion: Double) -> Motion {
        motion < 0.03 ? .still : motion < 0.2 ? .gentle : motion < 0.5 ? .moderate : .strong
    }

    /// The colours with a tenth of the picture or more, at most two. Names are words of letters; others are left out.
    static func leading(_ palette: [PaletteColour]) -> [String] {
        var names: [String] = []
        for colour in palette where colour.share >= 0.1 && isName(colour.name) && !names.contains(colour.name) {
            names.append(colour.name)
            if names.count == 2 { break }
        }
        return names
    }

    private static func isName(_ name: String) -> Bool {
        (1...24).contains(name.utf8.count) && name.utf8.allSatisfy { (97...122).contains($0) || $0 == 32 || $0 == 45 } && name.utf8.first != 32 && name.utf8.last != 32
    }

    /// How the share of the leading colour is said; nil where it leads too little to say so.
    var leadingShare: String? {
        guard let name = colours.first, let share = facts.palette.first(where: { $0.name == name })?.share, share <= 1 else { return nil }
        switch share {
        case 0.9...: return "nearly all"
        case 0.7..<0.9: return "about three quarters"
        case 0.58..<0.7: return "about two thirds"
        case 0.42..<0.58: return "about half"
        case 0.29..<0.42: return "about a third"
        default: return nil
        }
    }

    /// How far two frames look apart, 0 (alike) … about 2: light, saturation and shared palette. Motion is no part of a look.
    static func distance(_ left: FrameReading, _ right: FrameReading) -> Double {
        var shared = 0.0
        for colour in left.facts.palette {
            if let other = right.facts.palette.first(where: { $0.name == colour.name }) { shared += max(0, min(colour.share, other.share)) }
        }
        let total = max(left.facts.palette.reduce(0) { $0 + $1.share }, right.facts.palette.reduce(0) { $0 + $1.share })
        let palette = total > 0 ? 1 - min(1, shared / total) : 0
        return palette + 1.5 * abs(left.facts.brightness - right.facts.brightness) + 0.5 * abs(left.facts.saturation - right.facts.saturation)
    }
}

/// What a frame is to the frames before it.
enum FrameRelation: Equatable {
    case opening
    /// The first frame of a shot, unlike any before.
    case newShot
    /// The first frame of a shot that looks like the frame of this index before it.
    case returning(to: Int)
    /// The same shot goes on, and this is what changed most.
    case changed(Change)
    /// The same shot goes on, and nothing measured says otherwise.
    case continuing

    enum Change: Equatable { case brighter, darker, moreMotion, lessMotion, palette, richer, paler }

    /// Looks closer than this are called alike.
    private static let alike = 0.22

    static func of(_ frame: FrameReading, after previous: [FrameReading]) -> FrameRelation {
        guard let last = previous.last else { return .opening }
        if frame.facts.isFirstAfterCut || frame.facts.shot != last.facts.shot {
            // The shot just left does not count: a cut to the same look is a new shot of it.
            let earlier = previous.filter { $0.facts.shot != last.facts.shot }
            let nearest = earlier.map { (FrameReading.distance(frame, $0), $0) }.min { $0.0 < $1.0 }
            if let nearest, nearest.0 < alike { return .returning(to: nearest.1.facts.index) }
            return .newShot
        }
        return change(from: last, to: frame).map { .changed($0) } ?? .continuing
    }

    private static func change(from last: FrameReading, to frame: FrameReading) -> Change? {
        // Steps that a viewer notices within a shot: an eighth of the scale of luma, a class of motion, another leading colour.
        let light = frame.facts.brightness - last.facts.brightness
        if abs(light) >= 0.12 { return light > 0 ? .brighter : .darker }
        let motion = frame.facts.motion - last.facts.motion
        if frame.motion != last.motion, abs(motion) >= 0.06 { return motion > 0 ? .moreMotion : .lessMotion }
        let saturation = frame.facts.saturation - last.facts.saturation
        if abs(saturation) >= 0.15 { return saturation > 0 ? .richer : .paler }
        if frame.colours.first != last.colours.first, FrameReading.distance(frame, last) >= alike { return .palette }
        return nil
    }
}
