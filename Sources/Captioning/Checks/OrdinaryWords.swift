/// Words that any text on music and pictures holds: those of the captioner's own tables, and the commonest of the language.
enum OrdinaryWords {
    static func contains(_ word: String) -> Bool { all.contains(word) }

    private static let all: Set<String> = {
        var tables = [
            MusicPhrases.unavailable, MusicPhrases.silent, MusicPhrases.genre, MusicPhrases.mood, MusicPhrases.rating, MusicPhrases.tempoOpening,
            MusicPhrases.tempoRivalOpening, MusicPhrases.noTempoOpening, MusicPhrases.loudness, MusicPhrases.dynamicsNarrow, MusicPhrases.dynamicsWide,
            MusicPhrases.bright, MusicPhrases.dull, MusicPhrases.balanced, MusicPhrases.percussive, MusicPhrases.sustained, MusicPhrases.onsetsSparse,
            MusicPhrases.onsetsSteady, MusicPhrases.onsetsDense, MusicPhrases.valenceLow, MusicPhrases.valenceMiddle, MusicPhrases.valenceHigh,
            MusicPhrases.tempoFigure, MusicPhrases.tempoRivalFigure, MusicPhrases.metre, MusicPhrases.metreAlone, MusicPhrases.keySure, MusicPhrases.keyLikely,
            MusicPhrases.chordCycle, MusicPhrases.chordPath, MusicPhrases.chordSingle, FramePhrases.opening, FramePhrases.newShot, FramePhrases.returning,
            FramePhrases.continuing, FramePhrases.strongContrast, FramePhrases.weakContrast, FramePhrases.vivid, FramePhrases.muted, FramePhrases.colourless,
            FramePhrases.share, FramePhrases.brighterThanBefore, FramePhrases.darkerThanBefore, FramePhrases.busierThanBefore, FramePhrases.calmerThanBefore,
            FramePhrases.cutOnDownbeat, FramePhrases.cutOnBeat, FramePhrases.onDownbeat, FramePhrases.louder, FramePhrases.quieter, FramePhrases.newChord,
            TitlePhrases.opening, TitlePhrases.newShot, TitlePhrases.returning, TitlePhrases.continuing, OverviewPhrases.oneShot, OverviewPhrases.manyShots,
            OverviewPhrases.still, OverviewPhrases.noFrames, OverviewPhrases.editingQuick, OverviewPhrases.editingMedium, OverviewPhrases.editingLong,
            OverviewPhrases.lightRises, OverviewPhrases.lightFalls, OverviewPhrases.lightHolds, OverviewPhrases.widestJump, OverviewPhrases.genre,
            OverviewPhrases.noGenre, OverviewPhrases.noPulse, OverviewPhrases.tempo, OverviewPhrases.tempoRival, OverviewPhrases.key, OverviewPhrases.keyWithoutTempo, OverviewPhrases.keyLikely,
            OverviewPhrases.silent, OverviewPhrases.noSound, OverviewPhrases.allCuts, OverviewPhrases.someCuts, OverviewPhrases.mvType, OverviewPhrases.fillers,
        ]
        tables += [FramePhrases.tone, FramePhrases.light, TitlePhrases.tone].flatMap(\.values)
        tables += [FramePhrases.motion, TitlePhrases.motion, OverviewPhrases.motionAlone, OverviewPhrases.motionWithEditing].flatMap(\.values)
        tables += [FramePhrases.changed, TitlePhrases.changed].flatMap(\.values)
        tables += [MusicPhrases.arcs, MusicPhrases.musicArcs].flatMap(\.values)
        tables += FramePhrases.camera.values
        tables.append(TempoWord.meanings.map(\.word) + MVType.allCases.map(\.rawValue) + common)
        return Set(tables.joined().flatMap { Words.of($0.lowercased()) }).union(CatalogueVocabulary.citable)
    }()

    private static let common = ["""
        a about above after again all almost also always am an and any are around as at away back be because been before being below best better between both but by \
        can come day did do down each end enough ever every eye eyes face far feel few first for from full get girl give go going good got had hand has have he heart her \
        here high him his home hour how i if in into is it its just keep know last late let life like line little long look lost love low made make man many may me \
        mine more most much must my near never new next night no not nothing now of off old on once one only open or other our out over own part people place \
        red run same say see she should side sky so some song sound stand star start still stop sun take than that the their them then there these they thing think this \
        those through till time to today too tonight two under until up upon us very wait walk want was water way we well were what when where which while who why wide \
        wild will wind with without woman word world would year yes you young your silence
        flat sharp major minor most likely depending counted otherwise high medium low calls puts danceability energy at shades tones assorted quarters two thirds half third
        nearly three four five six seven eight nine ten eleven twelve shot shots cut cuts lands land quiet loud moderately frame frames
        """]
}
