/// Pieces that follow and overlap each other become one. One piece alone stays as it is.
extension MusicPiece {
    /// Beats of two pieces within this are one beat, seconds.
    private static let sameBeat = 0.05
    /// A seam lies at most so far from the middle of the overlap, seconds.
    private static let seamReach = 10.0
    /// Tempi within this share are one tempo.
    private static let sameTempo = 0.04
    /// Section borders nearer to each other are one, seconds.
    private static let sameBorder = 4.0

    /// Each piece cut to what it answers for: to where its beats and those of its neighbour are the same, at a bar's start if there is one.
    static func cut(_ pieces: [MusicPiece]) -> [MusicPiece] {
        guard pieces.count > 1 else { return pieces }
        let seams = zip(pieces, pieces.dropFirst()).map(seam)
        return pieces.indices.map { index in
            pieces[index].cut(from: index == 0 ? pieces[0].start : seams[index - 1], to: index < seams.count ? seams[index] : pieces[index].end)
        }
    }

    /// - Parameter pieces: what ``cut(_:)`` gives, at least one.
    init(joining pieces: [MusicPiece]) {
        self = pieces[0]
        guard pieces.count > 1 else { return }
        end = pieces[pieces.count - 1].end
        isSilent = pieces.allSatisfy(\.isSilent)
        beats = pieces.flatMap(\.beats)
        downbeats = pieces.flatMap(\.downbeats)
        onsets = pieces.flatMap(\.onsets)
        chords = pieces.flatMap(\.chords).reduce(into: []) { $0.append(orExtending: $1) }
        boundaries = Self.distinct(pieces.flatMap(\.boundaries))
        joinTempo(pieces)
        joinMetre(pieces)
        joinKey(pieces)
        let sounding = pieces.filter { !$0.isSilent }
        let seconds = sounding.reduce(0) { $0 + $1.duration }
        tuning = seconds > 0 ? sounding.reduce(0) { $0 + ($1.tuning ?? 440) * $1.duration } / seconds : nil
        chroma = (0 ..< 12).map { pitch in pieces.reduce(0) { $0 + $1.chroma[pitch] } }
        chromaSpread = Self.pooled(sounding.map(\.chromaSpread))
        cepstrum = Self.pooled(sounding.map(\.cepstrum))
        percussiveness = onsets.isEmpty ? 0 : pieces.reduce(0) { $0 + $1.percussiveness * Double($1.onsets.count) } / Double(onsets.count)
        timbre = TimbreMeter.Timbre(pooling: pieces.compactMap(\.timbre))
    }

    /// The tempo that most of the time is spent at, as sure as its pieces are and as long as they last; what else is there are its alternatives.
    private mutating func joinTempo(_ pieces: [MusicPiece]) {
        var readings: [(tempo: Double, weight: Double)] = []
        func add(_ tempo: Double, _ weight: Double) {
            if let known = readings.firstIndex(where: { abs($0.tempo / tempo - 1) < Self.sameTempo }) {
                let sum = readings[known].weight + weight
                if sum > 0 { readings[known] = ((readings[known].tempo * readings[known].weight + tempo * weight) / sum, sum) }
            } else {
                readings.append((tempo, weight))
            }
        }
        for piece in pieces { if let tempo = piece.tempo { add(tempo, piece.tempoConfidence * piece.duration / duration) } }
        guard let main = readings.max(by: { $0.weight < $1.weight }) else {
            (tempo, tempoConfidence, alternatives) = (nil, 0, [])
            let longest = pieces.max { $0.duration < $1.duration }
            absence = pieces.filter { !$0.isSilent }.max { $0.duration < $1.duration }?.absence ?? longest?.absence
            return
        }
        for piece in pieces { for other in piece.alternatives { add(other.tempo, other.confidence * piece.duration / duration) } }
        let others = readings.filter { abs($0.tempo / main.tempo - 1) >= Self.sameTempo }.sorted { $0.weight > $1.weight }
        (tempo, tempoConfidence, absence) = (main.tempo, main.weight, nil)
        alternatives = others.prefix(3).map { (tempo: $0.tempo, confidence: min(1, $0.weight)) }
    }

    private mutating func joinMetre(_ pieces: [MusicPiece]) {
        var shares: [Int: Double] = [:]
        for piece in pieces { if let beats = piece.beatsPerBar { shares[beats, default: 0] += piece.metreConfidence * piece.duration / duration } }
        let best = shares.max { ($0.value, $0.key) < ($1.value, $1.key) }
        (beatsPerBar, metreConfidence) = (best?.key, best?.value ?? 0)
    }

    /// The key that most of the time is spent in; music that changes its key leaves little confidence in any.
    private mutating func joinKey(_ pieces: [MusicPiece]) {
        var shares: [MusicalKey: Double] = [:]
        for piece in pieces { if let key = try? piece.key?.get() { shares[key.key, default: 0] += key.confidence * piece.duration / duration } }
        if let best = shares.max(by: { ($0.value, $0.key.description) < ($1.value, $1.key.description) }) {
            key = .success(KeyEstimator.Estimate(key: best.key, confidence: min(1, best.value)))
        } else {
            key = pieces.filter { !$0.isSilent }.max { $0.duration < $1.duration }?.key
        }
    }

    private static func seam(_ a: MusicPiece, _ b: MusicPiece) -> Double {
        let middle = (b.start + a.end) / 2
        let shared = common(a.downbeats, b.downbeats, near: middle) ?? common(a.beats, b.beats, near: middle)
        // Just before the beat, so that it is the second piece's.
        return shared.map { $0 - 0.005 } ?? middle
    }

    /// The time nearest to the middle that both have.
    private static func common(_ a: [Double], _ b: [Double], near middle: Double) -> Double? {
        let reach = middle - seamReach ... middle + seamReach
        let inReach = b.filter(reach.contains)
        return a.filter(reach.contains).compactMap { time in
            inReach.filter { abs($0 - time) <= sameBeat }.min().map { min($0, time) }
        }.min { abs($0 - middle) < abs($1 - middle) }
    }

    private func cut(from first: Double, to last: Double) -> MusicPiece {
        var piece = self
        func isInside(_ time: Double) -> Bool { (time >= first || first <= start) && (time < last || last >= end) }
        piece.beats = beats.filter(isInside)
        piece.downbeats = downbeats.filter(isInside)
        piece.onsets = onsets.filter(isInside)
        piece.boundaries = boundaries.filter { isInside($0.time) }
        piece.chords = chords.compactMap { chord in
            var chord = chord
            (chord.start, chord.end) = (max(chord.start, first), min(chord.end, last))
            return chord.end > chord.start ? chord : nil
        }
        (piece.start, piece.end) = (first, last)
        return piece
    }

    private static func distinct(_ boundaries: [SectionFinder.Boundary]) -> [SectionFinder.Boundary] {
        boundaries.reduce(into: []) { kept, boundary in
            guard let last = kept.last, boundary.time - last.time < sameBorder else { return kept.append(boundary) }
            if boundary.confidence > last.confidence { kept[kept.count - 1] = boundary }
        }
    }

    private static func pooled(_ spreads: [[Spread]]) -> [Spread] {
        let known = spreads.filter { !$0.isEmpty }
        return known.isEmpty ? [] : known[0].indices.map { index in Spread(pooling: known.map { $0[index] }) }
    }
}

extension [ChordSegment] {
    /// A chord that goes on is one segment, its confidence by length.
    fileprivate mutating func append(orExtending chord: ChordSegment) {
        guard let last, last.label == chord.label else { return append(chord) }
        let (before, now) = (last.end - last.start, chord.end - chord.start)
        self[count - 1].confidence = (last.confidence * before + chord.confidence * now) / (before + now)
        self[count - 1].end = chord.end
    }
}

extension TimbreMeter.Timbre {
    /// Nil of none.
    fileprivate init?(pooling timbres: [Self]) {
        let sum = timbres.reduce(0) { $0 + $1.weight }
        guard sum > 0 else { return nil }
        func mean(_ value: (Self) -> Double) -> Double { timbres.reduce(0) { $0 + $1.weight * value($1) } / sum }
        self.init(centroid: mean(\.centroid), rolloff: mean(\.rolloff), flatness: mean(\.flatness), lowShare: mean(\.lowShare), weight: sum)
    }
}
