/// Words that titles are made of: an adjective for the look, a noun for what the frame is to the one before it.
enum TitlePhrases {
    static let tone: [FrameReading.Tone: [String]] = [
        .black: ["Black", "Lightless"], .dark: ["Dark", "Shadowed"], .dim: ["Dim", "Subdued"],
        .middle: ["Even", "Mid-Tone"], .bright: ["Bright", "Light"], .white: ["White", "Brilliant"],
    ]
    static let motion: [FrameReading.Motion: [String]] = [
        .still: ["Still", "Motionless"], .gentle: ["Gentle", "Softly Moving"], .moderate: ["Moving", "Active"], .strong: ["Restless", "Fast-Moving"],
    ]
    static let opening = ["Opening", "First Image", "Beginning", "Outset"]
    static let newShot = [
        "Cut", "New View", "Next Shot", "Switch", "Turn", "Fresh Frame", "Change", "Other Angle", "Shift", "Arrival", "Break", "Handover", "New Picture", "Step",
        "Jump", "Scene", "Contrast", "Departing Shot",
    ]
    static let returning = ["Return", "Echo", "Recall", "Reprise", "Second Look", "Comeback", "Reappearance", "Retake", "Repeat", "Familiar View", "Resumption", "Returning View",
        "Repetition", "Way Back"]
    static let continuing = [
        "Hold", "Continuation", "Long Take", "Same View", "Stay", "Lingering", "Steady Frame", "Duration", "Extension", "Passage", "Unbroken Shot", "Persistence",
        "Interval", "Follow-Through", "Constancy", "Remainder", "Stretch", "Moment",
    ]
    static let changed: [FrameRelation.Change: [String]] = [
        .brighter: ["Brightening", "Rising Light", "Lightening", "Gain", "Glow", "Lift", "Clearing", "Light Returns"],
        .darker: ["Darkening", "Falling Light", "Fade", "Dimming", "Deepening Shade", "Low Light", "Drop", "Light Leaves"],
        .moreMotion: ["Stirring", "Gathering Motion", "Quickening", "Rush", "Surge", "Unrest", "Awakening", "Activity"],
        .lessMotion: ["Settling", "Slackening", "Calming", "Rest", "Pause", "Quieting", "Ease", "Lull"],
        .palette: ["Colour Change", "Palette Shift", "New Tones", "Recolouring", "Colour Drift", "Tint", "Hue Turn", "Blend", "Mixture",
                   "Exchange", "Tonal Turn", "Spectrum", "Shading", "Variation"],
        .richer: ["Deepening", "Rich Colour", "Saturation", "Flourish", "Fullness", "Strength", "Intensity", "Ripening"],
        .paler: ["Paling", "Thin Colour", "Wash", "Bleaching", "Restraint", "Pallor", "Dilution", "Thinning"],
    ]
}
