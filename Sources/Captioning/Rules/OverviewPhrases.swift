/// Tables of paraphrases for the overview.
enum OverviewPhrases {
    static let oneShot = [
        "This {seconds}-second clip plays as one unbroken shot, {tone} overall and coloured in {colours}.",
        "A single shot without a cut fills the {seconds} seconds of this clip, {tone} overall and led by {colours}.",
        "The {seconds} seconds of this video run without a cut, in {a tone} picture of {colours}.",
    ]
    static let manyShots = [
        "This {seconds}-second clip is cut into {shots}, {tone} overall and coloured in {colours}.",
        "Over {seconds} seconds the video moves through {shots}, {tone} overall and led by {colours}.",
        "The clip assembles {shots} in {seconds} seconds; its pictures are {tone} overall, with {colours} in the lead.",
    ]
    static let still = [
        "This {seconds}-second clip is built on still pictures, {tone} overall and coloured in {colours}.",
        "Still imagery carries the {seconds} seconds of this clip, {tone} overall and led by {colours}.",
    ]
    static let noFrames = ["No picture of this clip could be sampled, so nothing is said of what it shows.", "The clip yielded no pictures that could be described."]
    static let editingQuick = ["The editing changes picture often", "Cuts follow one another closely", "The cutting is frequent"]
    static let editingMedium = ["The editing is measured", "Cuts come at a middling rate", "Each shot is given a few seconds"]
    static let editingLong = ["Shots are held for long", "The editing leaves each picture its time", "Cuts are rare"]
    static let motionWithEditing: [FrameReading.Motion: [String]] = [
        .still: ["while very little moves inside the pictures.", "and within the frames nearly nothing moves."],
        .gentle: ["while movement within the pictures stays gentle.", "and what moves does so softly."],
        .moderate: ["while movement within the pictures is clear but contained.", "and the frames show steady movement."],
        .strong: ["while strong movement fills the pictures.", "and the frames are full of movement."],
    ]
    static let motionAlone: [FrameReading.Motion: [String]] = [
        .still: ["Very little moves in it.", "Its image stays close to motionless."],
        .gentle: ["What moves in it does so gently.", "Movement in the picture stays soft."],
        .moderate: ["Movement in the picture is clear but contained.", "The frame shows steady movement."],
        .strong: ["Strong movement fills the picture.", "The frame is full of movement."],
    ]
    static let lightRises = ["From the first frames to the last the light rises.", "The pictures end brighter than they began."]
    static let lightFalls = ["From the first frames to the last the light falls.", "The pictures end darker than they began."]
    static let lightHolds = ["The level of light is much the same at the end as at the start.", "Beginning and end are lit alike."]
    static let widestJump = ["The greatest change of look comes at frame {frame}.", "Its look changes most at frame {frame}."]
    static let genre = ["The music, {genres} according to the catalogue, {sounds}.", "Catalogued as {genres}, the music {sounds}."]
    static let noGenre = ["The music {sounds}.", "Beneath the pictures the music {sounds}."]
    static let noPulse = ["gives no clear pulse to follow", "has no pulse that could be counted with confidence"]
    static let tempo = ["keeps {a tempo} tempo of about {bpm} BPM", "moves at {a tempo} {bpm} BPM or so", "runs at about {bpm} BPM, {a tempo} tempo"]
    static let tempoRival = [
        "can be counted at about {bpm} BPM or nearly as well at {rival} BPM", "suggests about {bpm} BPM, though {rival} BPM fits nearly as well",
    ]
    static let key = [" in {key}", " and is set in {key}", " and centres on {key}"]
    static let keyWithoutTempo = [", but rests in {key}", "; its key is {key}"]
    static let keyLikely = [", most likely in {key}", ", probably in {key}"]
    static let silent = ["The soundtrack is silent throughout.", "Its soundtrack stays silent from beginning to end."]
    static let noSound = ["The clip has no sound that could be heard, so its music remains open.", "No sound could be heard, and nothing is claimed of the music."]
    static let allCuts = ["Every cut lands on a downbeat.", "All of its cuts fall on downbeats."]
    static let someCuts = ["Of its {cuts}, {count} on a downbeat.", "Among its {cuts}, {count} on a downbeat."]
    static let mvType = ["In kind it is nearest to {type}.", "It comes closest to the type {type}."]
    static let fillers = [
        "What is said here rests on measurement alone: light, colour, movement, cuts and sound.",
        "People, places and objects are left unnamed, because no measurement identifies them.",
        "The frame-by-frame account follows the picture at intervals of about two seconds.",
        "Where a measurement was unsure, the description stays silent rather than guess.",
        "Mood and meaning remain open to the viewer.",
    ]
}
