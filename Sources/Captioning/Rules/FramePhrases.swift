/// Tables of paraphrases for frames. Slots: `tone`, `colours`, `motion` (a clause), `frame` (an earlier frame's number).
enum FramePhrases {
    static let tone: [FrameReading.Tone: [String]] = [
        .black: ["nearly black", "almost completely dark"], .dark: ["dark", "shadowed"], .dim: ["dim", "subdued"],
        .middle: ["mid-toned", "moderately lit"], .bright: ["bright", "well-lit"], .white: ["very bright", "almost white"],
    ]
    static let motion: [FrameReading.Motion: [String]] = [
        .still: ["almost nothing moves", "the picture is close to still", "there is hardly any movement", "everything stays in place"],
        .gentle: ["movement is slight", "only gentle movement shows", "small movements stir the picture", "the movement stays soft"],
        .moderate: ["there is clear movement", "movement runs through the picture", "parts of the picture keep moving", "the movement is easy to see"],
        .strong: ["movement fills the picture", "the picture is full of movement", "fast change sweeps the frame", "almost everything is in motion"],
    ]
    static let camera: [CameraHint: [String]] = [
        .fixed: ["The camera does not move.", "It is seen from a fixed viewpoint."],
        .panLeft: ["The camera pans to the left.", "The view swings leftwards."],
        .panRight: ["The camera pans to the right.", "The view swings rightwards."],
        .tiltUp: ["The camera tilts upwards.", "The view rises."],
        .tiltDown: ["The camera tilts downwards.", "The view sinks."],
        .zoomIn: ["The view moves in closer.", "The camera closes in."],
        .zoomOut: ["The view pulls back.", "The camera draws away."],
        .shaking: ["The camera is unsteady.", "The view shakes slightly."],
    ]

    static let opening = [
        "The clip opens on {a tone} picture in {colours}, and {motion}.",
        "{A tone} picture in {colours} begins the clip, where {motion}.",
        "The first image is {tone} and coloured in {colours}; {motion}.",
        "Everything starts with {a tone} frame led by {colours}, in which {motion}.",
    ]
    static let newShot = [
        "A cut brings {a tone} picture in {colours}, where {motion}.",
        "The edit moves on to {a tone} shot led by {colours}; {motion}.",
        "A new shot opens in {colours}, {tone} as a whole, and {motion}.",
        "The scene switches to {a tone} view coloured in {colours}, while {motion}.",
        "Another shot takes over: {colours} in {a tone} frame, where {motion}.",
        "From here the image is {tone}, with {colours} at the front, and {motion}.",
        "The next picture arrives {tone} and built on {colours}; {motion}.",
        "What follows the cut is {a tone} composition of {colours}, in which {motion}.",
        "A fresh view in {colours} replaces the last one, {tone}, and {motion}.",
        "The editing jumps to {colours} in {a tone} frame; {motion}.",
        "{A tone} image with tones of {colours} comes next, and {motion}.",
        "Now the screen turns to {colours}: the shot is {tone} and {motion}.",
        "With the change of shot, {colours} set the look of {a tone} frame; {motion}.",
        "The sequence continues elsewhere, in {a tone} shot with {colours}, where {motion}.",
        "A different picture appears, {tone} overall with {colours} in the lead, and {motion}.",
        "Cut to {a tone} frame: its main tones are {colours}, and {motion}.",
    ]
    static let returning = [
        "The edit comes back to the look of frame {frame}, {tone} in {colours}, and {motion}.",
        "A cut returns to {colours} as seen in frame {frame}; {motion}.",
        "Frame {frame} is recalled here by the same {tone} look in {colours}, where {motion}.",
        "The {tone} look of frame {frame} reappears in {colours}, and {motion}.",
        "Once more the picture resembles frame {frame}: {colours} in {a tone} image, while {motion}.",
        "Back come the {colours} of frame {frame}, {tone} once again; {motion}.",
        "This shot echoes frame {frame} with its {tone} mix of {colours}, and {motion}.",
        "An earlier image, that of frame {frame}, is taken up again in {colours}; {motion}.",
        "The cutting goes back to familiar ground, the {colours} of frame {frame}, where {motion}.",
        "As in frame {frame}, {colours} lead {a tone} picture, and {motion}.",
        "The palette of frame {frame}, {colours}, is on screen again; {motion}.",
        "Here {a tone} shot in {colours} picks up where frame {frame} left off, and {motion}.",
        "Seen before in frame {frame}, {colours} fill {a tone} picture anew, while {motion}.",
        "Another cut, and the {tone} image is close to frame {frame}: {colours}, where {motion}.",
    ]
    static let continuing = [
        "The shot holds on {colours}; {motion}.",
        "Nothing in the measured light has shifted: {colours} still lead, and {motion}.",
        "The same {tone} view goes on, built on {colours}, while {motion}.",
        "Moments later {colours} remain in place and {motion}.",
        "The picture keeps its {tone} balance of {colours}; {motion}.",
        "Without a cut, the image of {colours} carries over, and {motion}.",
        "There is no new shot yet: {colours} stay on screen, where {motion}.",
        "The take runs on in {colours}, its {tone} look unchanged, and {motion}.",
        "Still {colours}, still {tone}: the frame barely differs from the one before, and {motion}.",
        "The view lingers, with {colours} unchanged in their lead; {motion}.",
        "Little separates this moment from the last, as {colours} persist and {motion}.",
        "The unbroken shot keeps to {colours}, and again {motion}.",
        "Composition and light stay where they were, in {colours}, while {motion}.",
        "As the take continues, {a tone} field of {colours} fills the screen; {motion}.",
        "On screen the {tone} setting of {colours} stays, and {motion}.",
        "Time passes inside one shot, coloured in {colours}, where {motion}.",
    ]
    static let changed: [FrameRelation.Change: [String]] = [
        .brighter: [
            "The shot grows brighter and is now {tone}, in {colours}; {motion}.", "Light gains within the same shot, lifting {colours}, and {motion}.",
            "More light reaches the picture: {colours} stand out, while {motion}.", "Without a cut the image lightens to {a tone} mix of {colours}, and {motion}.",
            "The same view brightens, with {colours} in front; {motion}.", "A lift in light changes the shot, now {tone} in {colours}, where {motion}.",
            "The level of light climbs, and {colours} show more clearly; {motion}.", "Within the take the picture turns lighter, keeping {colours}, and {motion}.",
        ],
        .darker: [
            "The shot grows darker and is now {tone}, in {colours}; {motion}.", "Light drains within the same shot, leaving {colours}, and {motion}.",
            "Less light reaches the picture: {colours} sink back, while {motion}.", "Without a cut the image darkens to {a tone} mix of {colours}, and {motion}.",
            "The same view dims, with {colours} in front; {motion}.", "A drop in light changes the shot, now {tone} in {colours}, where {motion}.",
            "The level of light falls, and {colours} recede; {motion}.", "Within the take the picture turns darker, keeping {colours}, and {motion}.",
        ],
        .moreMotion: [
            "Movement increases within the shot: in {colours}, {motion}.", "The same {tone} view becomes busier; among {colours}, {motion}.",
            "Activity rises while {colours} stay in place, and now {motion}.", "The shot comes to life: {colours} as before, but {motion}.",
            "There is more going on than a moment ago; {motion}, with {colours} as before.", "The pace inside the frame picks up, with {colours} unchanged, and {motion}.",
            "The take turns more active, keeping {colours}, as {motion}.", "Motion grows against {colours}, until {motion}.",
        ],
        .lessMotion: [
            "Movement eases within the shot: in {colours}, {motion}.", "The same {tone} view becomes calmer; among {colours}, {motion}.",
            "Activity falls while {colours} stay in place, and now {motion}.", "The shot settles: {colours} as before, but {motion}.",
            "There is less going on than a moment ago; {motion}, with {colours} as before.", "The pace inside the frame lets up, with {colours} unchanged, and {motion}.",
            "The take turns quieter to the eye, keeping {colours}, as {motion}.", "Motion fades against {colours}, until {motion}.",
        ],
        .palette: [
            "The colours shift within the shot, and {colours} now lead; {motion}.", "Without a cut, {colours} move to the front of {a tone} picture, and {motion}.",
            "The palette turns to {colours} while the shot runs on; {motion}.", "A change of colour brings {colours} forward, {tone} on the whole, and {motion}.",
            "The same take takes on {colours}, where {motion}.", "New tones, {colours}, spread through the running shot; {motion}.",
            "Where other colours led before, {colours} now set the look, and {motion}.", "The shot drifts over to {colours}, and {motion}.",
        "Its hues wander: {colours} take over from the earlier ones, as {motion}.", "By now the view has exchanged its palette for {colours}; {motion}.",
        "Inside the take {colours} win ground, giving {a tone} image in which {motion}.", "The mixture tips towards {colours} without any cut, and {motion}.",
        "Gradually {colours} colour the screen, {tone} throughout, while {motion}.", "The leading tones are exchanged for {colours}; besides, {motion}.",
        ],
        .richer: [
            "Colour deepens within the shot, with {colours} ahead; {motion}.", "The same view grows more saturated in {colours}, and {motion}.",
            "Stronger colour comes into the take: {colours} stand out while {motion}.", "The picture becomes more colourful, led by {colours}; {motion}.",
            "Saturation climbs while the shot runs on in {colours}, and {motion}.", "Without a cut, {colours} gain in strength, where {motion}.",
            "Fuller tones arrive, {colours} above all, and {motion}.", "What was pale turns to stronger {colours}; {motion}.",
        ],
        .paler: [
            "Colour thins within the shot, with {colours} ahead; {motion}.", "The same view grows less saturated in {colours}, and {motion}.",
            "Colour drains from the take: {colours} turn paler while {motion}.", "The picture becomes less colourful, led by {colours}; {motion}.",
            "Saturation falls while the shot runs on in {colours}, and {motion}.", "Without a cut, {colours} lose strength, where {motion}.",
            "Weaker tones arrive, {colours} above all, and {motion}.", "What was strong in colour turns to faint {colours}; {motion}.",
        ],
    ]

    /// Sentences that add what the first one has not said.
    static let strongContrast = ["Contrast between light and dark is strong.", "Light and dark parts stand far apart.", "Highlights and shadows are sharply divided."]
    static let weakContrast = ["Contrast is low across the picture.", "Light and dark parts lie close together.", "The tonal range is narrow."]
    static let vivid = ["Colour is strongly saturated.", "The colours are vivid.", "The saturation is high."]
    static let muted = ["Colour is muted.", "The saturation is low.", "The colours are restrained."]
    static let colourless = ["There is practically no colour.", "The picture is all but monochrome.", "It is seen in shades without colour."]
    static let share = ["{share} of the picture is {colour}.", "{colour} covers {share_lower} of the frame.", "{colour} takes up {share_lower} of the image."]
    static let light: [FrameReading.Tone: [String]] = [
        .black: ["Hardly any light reaches the picture.", "Only traces of light remain.", "Most of the frame is unlit."],
        .dark: ["Shadows take up most of the frame.", "Dark values prevail.", "Little of the picture is lit."],
        .dim: ["Its light stays in the lower half of the scale.", "Darker values outweigh lighter ones.", "The light is restrained."],
        .middle: ["Its light keeps to the middle of the scale.", "Neither dark nor light values prevail.", "The exposure is balanced."],
        .bright: ["Its light stays in the upper half of the scale.", "Lighter values outweigh darker ones.", "Light is plentiful."],
        .white: ["Light takes up nearly the whole frame.", "The picture comes close to white.", "Hardly any shadow is left."],
    ]
    static let brighterThanBefore = ["It is brighter than the shot before.", "After the previous shot the light is higher.", "More light is in it than in the last shot."]
    static let darkerThanBefore = ["It is darker than the shot before.", "After the previous shot the light is lower.", "Less light is in it than in the last shot."]
    static let busierThanBefore = ["More moves here than in the shot before.", "It is busier than the last shot.", "The cut raises the amount of movement."]
    static let calmerThanBefore = ["Less moves here than in the shot before.", "It is calmer than the last shot.", "The cut lowers the amount of movement."]

    /// What the music does at this picture. Slots: `bar`, `chord`.
    static let cutOnDownbeat = [
        "The cut lands on a downbeat.", "Its cut falls together with a downbeat.", "Picture and downbeat change at once.",
        "A downbeat marks the cut.", "The edit strikes exactly with a downbeat.", "The change of shot meets a downbeat.",
    ]
    static let cutOnBeat = ["The cut falls on a beat.", "Its cut meets the beat.", "The edit follows the beat here.", "Cut and beat coincide.", "The change of shot keeps to the beat."]
    static let onDownbeat = [
        "A downbeat sounds at this moment.", "The music reaches a downbeat here.", "This picture coincides with a downbeat.", "It is held against a downbeat.",
        "Bar {bar} begins on its downbeat here.", "The downbeat of bar {bar} arrives with it.",
    ]
    static let louder = ["The music grows louder here.", "At this point the sound swells.", "The level of the music rises.", "The sound gains force."]
    static let quieter = ["The music grows quieter here.", "At this point the sound recedes.", "The level of the music falls.", "The sound loses force."]
    static let newChord = [
        "The harmony is now {chord}.", "{chord} sounds beneath it.", "The music has moved to {chord}.", "It is set to {chord}.", "{chord} carries this moment.",
        "The chord has become {chord}.", "With it comes {chord}.", "Here the harmony turns to {chord}.",
    ]
}
