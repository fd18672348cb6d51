/// Tables of paraphrases for music. `{slots}` are filled by `Phrase.fill`.
enum MusicPhrases {
    static let unavailable = [
        "The clip has no sound that could be heard, so nothing is said of its music.",
        "No sound could be heard in this clip, and nothing is claimed of its music.",
        "There is no sound to describe here, so the music remains open.",
    ]
    static let silent = [
        "The sound of this clip is silent throughout.",
        "The soundtrack is there, but it stays silent from beginning to end.",
        "Nothing is heard: the soundtrack is silence for the whole clip.",
    ]
    static let genre = [
        "The catalogue files this music under {genres}",
        "In the catalogue it counts as {genres}",
        "By the catalogue's account the genre is {genres}",
        "Its listing in the catalogue reads {genres}",
    ]
    static let mood = ["Its listeners tag it as {moods}", "The catalogue's tags include {moods}", "The catalogue's tags call it {moods}"]
    static let rating = ["The source's metadata {ratings}", "Its metadata {ratings}", "The catalogue {ratings}"]
    static let tempoOpening = [
        "The music moves at {a tempo} pace",
        "This is music at {a tempo} tempo",
        "The pulse of the music is {tempo}",
        "The clip's music keeps {a tempo} pulse",
    ]
    static let tempoRivalOpening = [
        "The pulse of the music can be felt in two ways, either {tempo} or {rival}",
        "The music's pulse reads as {tempo} or, counted otherwise, as {rival}",
        "Depending on how it is counted, the tempo of the music is {tempo} or {rival}",
    ]
    static let noTempoOpening = [
        "No steady pulse stands out in this music",
        "The music gives no clear pulse to count",
        "The music sets no pulse that could be counted with confidence",
    ]
    static let loudness = [
        "it is {loudness} overall",
        "the recording is {loudness}",
        "the overall level is {loudness}",
    ]
    static let dynamicsNarrow = ["with little change between soft and loud", "with a narrow dynamic range", "hardly varying in level"]
    static let dynamicsWide = ["with wide swings between soft and loud", "with a wide dynamic range", "varying widely in level"]
    static let bright = [
        "The sound leans towards the high frequencies",
        "Its spectrum is bright, weighted towards the treble",
        "The timbre is bright, with much energy in the treble",
    ]
    static let dull = [
        "The sound leans towards the low frequencies",
        "Its spectrum is dark, weighted towards the bass",
        "The timbre is dark, with most energy in the lower range",
    ]
    static let balanced = [
        "The spectrum is balanced between low and high",
        "Low and high frequencies are in balance",
        "The timbre sits between dark and bright",
    ]
    static let percussive = ["and sharp attacks outweigh sustained tones", "and percussive hits lead", "and percussive sound prevails"]
    static let sustained = ["and sustained tones outweigh sharp attacks", "and held tones lead", "and harmonic sound prevails"]
    static let onsetsSparse = ["New notes arrive sparsely.", "Events are few and widely spaced.", "Few new notes begin in any second."]
    static let onsetsSteady = ["New notes arrive at a regular density.", "The texture is neither sparse nor crowded.", "Events follow one another at a medium density."]
    static let onsetsDense = ["The texture is dense with new notes.", "New notes follow closely on one another.", "Events crowd every second."]
    static let valenceLow = ["rates its valence as low", "gives it a low valence", "marks a low valence"]
    static let valenceMiddle = ["rates its valence as medium", "gives it a medium valence", "marks a middling valence"]
    static let valenceHigh = ["rates its valence as high", "gives it a high valence", "marks a high valence"]

    static let tempoFigure = [
        "The tempo measures about {bpm} BPM",
        "The beat runs at about {bpm} BPM",
        "The pulse is measured at around {bpm} BPM",
    ]
    static let tempoRivalFigure = [
        "The tempo measures about {bpm} BPM, though {rival} BPM fits nearly as well",
        "The beat can be counted at about {bpm} BPM or, almost as well, at {rival} BPM",
        "About {bpm} BPM is the strongest reading of the tempo, with {rival} BPM close behind",
    ]
    static let metre = ["with {beats} beats to the bar", "grouped into bars of {beats}", "counted in {beats} to the bar"]
    static let metreAlone = ["There are {beats} beats to the bar.", "Bars of {beats} beats can be counted."]
    static let keySure = ["The music is in {key}.", "Its key is {key}.", "Harmonically it rests in {key}.", "The tonal centre is {key}."]
    static let keyLikely = ["The key is most likely {key}.", "The music is probably in {key}.", "As far as the harmony tells, the key is {key}."]
    static let chordCycle = [
        "The harmony cycles through {chords}.", "A cycle of {chords} carries the harmony.", "The chords keep turning through {chords}.",
    ]
    static let chordPath = [
        "The harmony moves through {chords}.", "Among the chords are {chords}, in that order.", "The progression begins with {chords}.",
    ]
    static let chordSingle = ["The harmony stays on {chords}.", "{chords} is the one chord that stands out."]
    static let arcs: [MusicReading.Arc: [String]] = [
        .steady: ["The energy stays level from start to finish.", "Its energy holds steady throughout.", "There is little rise or fall in energy."],
        .rising: ["The energy builds towards the end.", "It grows in energy as it goes.", "The level climbs from start to finish."],
        .falling: ["The energy ebbs towards the end.", "It loses energy as it goes.", "The level sinks from start to finish."],
        .peakInMiddle: ["The energy swells in the middle and then recedes.", "It peaks around the middle of the clip.", "The middle is louder than both ends."],
        .dipInMiddle: ["The energy drops in the middle and then returns.", "The middle is quieter than both ends.", "It thins out in the middle before the level comes back."],
        .unknown: [],
    ]
    /// The same where the sentences before speak of the pictures.
    static let musicArcs: [MusicReading.Arc: [String]] = [
        .steady: ["The music's energy stays level from start to finish.", "In energy the music holds steady throughout."],
        .rising: ["The music's energy builds towards the end.", "The music grows in energy as it goes."],
        .falling: ["The music's energy ebbs towards the end.", "The music loses energy as it goes."],
        .peakInMiddle: ["The music's energy swells in the middle and then recedes.", "The music peaks around the middle of the clip."],
        .dipInMiddle: ["The music's energy drops in the middle and then returns.", "The music thins out in the middle before its level comes back."],
        .unknown: [],
    ]
}
