/// What a plot says in words.
enum PlotText {
    private static let tonics: [Character: Int] = ["C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11]

    /// Pitch class of a Harte label's root; nil for `N` and what is no chord.
    static func root(ofChord label: String) -> Int? {
        guard let first = label.first, let tonic = tonics[first] else { return nil }
        let accidentals = label.dropFirst().prefix { $0 == "#" || $0 == "b" }
        return (accidentals.reduce(tonic) { $0 + ($1 == "#" ? 1 : 11) }) % 12
    }

    static func isDark(chord label: String) -> Bool {
        guard let colon = label.firstIndex(of: ":") else { return false }
        let quality = label[label.index(after: colon)...]
        return quality.hasPrefix("min") || quality.hasPrefix("dim") || quality.hasPrefix("hdim")
    }

    /// As musicians write it: `D#:maj` is `D#`, `A:min7` is `Am7`, `N` is none.
    static func chord(_ label: String) -> String {
        guard root(ofChord: label) != nil else { return "–" }
        let parts = label.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return label }
        if parts[1] == "maj" { return parts[0] }
        return parts[0] + (parts[1].hasPrefix("min") ? "m" + parts[1].dropFirst(3) : parts[1])
    }

    /// The music in a line: tempo, bars, key, loudness. In brackets how sure that is.
    static func summary(_ features: MusicFeatures) -> String {
        if features.isSilent { return "silence" }
        var parts = [features.tempoBpm.map { "\(number($0, places: 1)) BPM (\(share(features.tempoConfidence)) sure)" } ?? "no steady tempo"]
        if let beats = features.beatsPerBar { parts.append("\(beats) beats a bar (\(share(features.metreConfidence)))") }
        parts.append(features.key.map { "\($0) (\(share(features.keyConfidence)))" } ?? "no clear key")
        if let level = features.loudness.integratedLufs { parts.append("\(number(level, places: 1)) LUFS") }
        return parts.joined(separator: "  ·  ")
    }

    /// How long, and from where.
    static func span(_ duration: Double, from offset: Double) -> String {
        let length = duration < 60 ? "\(number(duration, places: 1)) s" : TimeAxis.label(duration)
        return offset > 0 ? "\(length) from \(TimeAxis.label(offset))" : length
    }

    static func share(_ value: Double) -> String { "\(Int((min(max(value, 0), 1) * 100).rounded())) %" }

    /// With a true minus sign.
    static func number(_ value: Double, places: Int) -> String {
        let scale = places == 0 ? 1 : 10
        let units = Int((min(max(value, -1e9), 1e9) * Double(scale)).rounded())
        let text = scale == 1 ? "\(abs(units))" : "\(abs(units) / scale).\(abs(units) % scale)"
        return (units < 0 ? "−" : "") + text
    }

    /// At most `limit` characters; what is left out of the middle is an ellipsis.
    static func shortened(_ text: String, to limit: Int) -> String {
        guard text.count > limit else { return text }
        return text.prefix(limit - limit / 3 - 1) + "…" + text.suffix(limit / 3)
    }
}
