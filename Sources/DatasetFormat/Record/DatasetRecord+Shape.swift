extension DatasetRecord {
    /// The version of the fields below; a change of any of them is a new one.
    public static let formatVersion = 1

    /// The fields of every sample, in order.
    public static let fields: [Field] = shape.fields

    /// The values of this sample, in the order of `fields`.
    public var values: [FieldValue] { DatasetRecord.shape.values(of: self) }

    /// The fields of every sample of a dataset with more columns, which come last.
    public static func fields(_ extras: DatasetExtras) -> [Field] { shape(extras).fields }

    /// The values of this sample, in the order of `fields(_:)`.
    public func values(_ extras: DatasetExtras) -> [FieldValue] { DatasetRecord.shape(extras).values(of: self) }

    static func shape(_ extras: DatasetExtras) -> Shape<DatasetRecord> {
        var members: [Shape<DatasetRecord>.Member] = []
        if extras.contains(.prediction) {
            members += [
                .string("prediction", "What the model of the recipe `prediction` wrote for the same clip; empty where it wrote nothing.") { $0.prediction?.text ?? "" },
                .string("prediction_status", "`done`, `cut` (the answer reached its longest length), or why there is none: `filtered`, `failed`, `unfinished`.") {
                    ($0.prediction?.status ?? .unfinished).rawValue
                },
            ]
        }
        if extras.contains(.musicEmbedding) {
            members.append(.floats("music_embedding", "Mean of the vectors of the audio tower that the recipe `embedding` names; empty where there is none.") { $0.musicEmbedding.map(Double.init) })
        }
        return shape.adding(members)
    }

    static let shape = Shape<DatasetRecord>([
        .string("key", "Name of the sample: `[A-Za-z0-9_-]`, made from `clip_id`; the same in both layouts.") { $0.key.text },
        .string("clip_id", "The catalogue's own name of the clip.") { $0.clipID },
        .string("split", "`train` or `test`.") { $0.split.rawValue },
        .string("artist_group", "Digest of the normalised artist; no value occurs in both splits.") { SplitProof.digest(ofGroup: $0.artistGroup) },
        .strings("genres", "As the catalogue gives them.") { $0.genres },
        .strings("tags", "As the catalogue gives them.") { $0.tags },
        .string("language", "ISO 639 code of the lyrics' language as the catalogue gives it; `und` if unknown.") { $0.language ?? "und" },
        .float("duration_s", "Length of the media described, in seconds.") { $0.durationSeconds },
        .string("instruction", "The instruction to train with.") { $0.instruction },
        .string("text", "The description in the paper's text form: Overview, then Frame-by-frame Breakdown.") { $0.text },
        .string("overview", "The overview alone.") { $0.overview },
        .structures("frames", "The breakdown, one entry for each sampled window of the video.", FrameDescription.shape) { $0.frames },
        .strings("mv_types", "One to three of the paper's ten MV types, likeliest first.") { $0.mvTypes },
        .structure("music", "What was measured in the music, and the captions made from it.", MusicFacts.shape) { $0.music },
        .string("lyrics_status", "`understood`, `instrumental` (no lyrics) or `unavailable`.") { $0.lyrics.status },
        .string("lyrics_text", "What the lyrics are about; empty unless understood. Never the lyrics themselves.") { $0.lyrics.text },
        .string("lyrics_reason", "Why nothing is known of the lyrics; empty unless unavailable.") { $0.lyrics.reason },
        .structure("visual", "What was measured in the picture.", VisualFacts.shape) { $0.visual },
        .structure("provenance", "What made this sample.", RecordProvenance.shape) { $0.provenance },
    ])
}

extension FrameDescription {
    static let shape = Shape<FrameDescription>([
        .int("index", "From 1.") { $0.index },
        .float("start_s", "Start of the window, seconds from the clip's start.") { $0.startSeconds },
        .float("end_s", "End of the window, seconds from the clip's start.") { $0.endSeconds },
        .string("title", "A few words.") { $0.title },
        .string("description", "What is seen, and how it goes with the music.") { $0.description },
        .int("bar", "Bar at the window's start, from 1; 0 without reliable beats.") { $0.bar ?? 0 },
        .int("beat", "Beat in that bar, from 1; 0 without reliable beats.") { $0.beat ?? 0 },
        .bool("on_downbeat", "Whether a downbeat lies in the window.") { $0.onDownbeat },
        .string("chord", "Chord of the window, Harte label; `N` for none.") { $0.chord },
    ])
}

extension MusicFacts {
    static let shape = Shape<MusicFacts>([
        .bool("has_tempo", "Whether a tempo was found.") { $0.tempoBPM != nil },
        .float("tempo_bpm", "Beats a minute; 0.0 without a tempo.") { $0.tempoBPM ?? 0 },
        .bool("has_key", "Whether a key was found.") { $0.key != nil },
        .string("key", "Tonic and mode such as `C:maj`; `N` without a key.") { $0.key ?? "N" },
        .int("beats_per_bar", "0 if unknown.") { $0.beatsPerBar ?? 0 },
        .floats("beats_s", "Seconds from the clip's start, ascending.") { $0.beatsSeconds },
        .floats("downbeats_s", "Seconds from the clip's start, ascending.") { $0.downbeatsSeconds },
        .structures("chords", "Stretches of one chord, ascending.", Chord.shape) { $0.chords },
        .bool("has_loudness", "Whether the loudness could be measured.") { $0.loudnessLUFS != nil },
        .float("loudness_lufs", "Integrated loudness, LUFS; 0.0 if not measured.") { $0.loudnessLUFS ?? 0 },
        .string("caption", "Caption of the music.") { $0.caption },
        .string("unified_caption", "Caption that merges the former with the measured features.") { $0.unifiedCaption },
    ])
}

extension MusicFacts.Chord {
    static let shape = Shape<MusicFacts.Chord>([
        .float("start_s", "Seconds from the clip's start.") { $0.startSeconds },
        .float("end_s", "Seconds from the clip's start.") { $0.endSeconds },
        .string("label", "Harte label; `N` for none.") { $0.label },
    ])
}

extension VisualFacts {
    static let shape = Shape<VisualFacts>([
        .floats("cuts_s", "Where a new shot begins, seconds from the clip's start, ascending.") { $0.cutsSeconds },
        .structures("palette", "Dominant colours, largest share first.", Colour.shape) { $0.palette },
        .float("brightness", "Mean luma, 0…1.") { $0.brightness },
        .float("motion", "Mean absolute difference between neighbouring sampled frames, 0…1.") { $0.motion },
    ])
}

extension VisualFacts.Colour {
    static let shape = Shape<VisualFacts.Colour>([
        .string("hex", "`#rrggbb`, sRGB.") { $0.hex },
        .float("share", "Part of the picture, 0…1.") { $0.share },
    ])
}

extension RecordProvenance {
    static let shape = Shape<RecordProvenance>([
        .string("source", "Who wrote the description: `rules`, or a dated model id.") { $0.source },
        .bool("degraded", "Whether a declared fallback wrote any part of it.") { $0.degraded },
        .structures("results", "The results that went into the sample, by stage.", StageResult.shape) {
            $0.results.sorted { ($0.stage, $0.fingerprint) < ($1.stage, $1.fingerprint) }
        },
    ])
}

extension RecordProvenance.StageResult {
    static let shape = Shape<RecordProvenance.StageResult>([
        .string("stage", "Kind of work.") { $0.stage },
        .string("recipe", "Digest of the stage's settings, as in the manifest.") { $0.recipe },
        .string("fingerprint", "Name of the result: digest of stage, recipe, sources and upstream results.") { $0.fingerprint },
    ])
}
