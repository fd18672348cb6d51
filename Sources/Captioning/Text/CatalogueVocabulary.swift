/// The words that a genre or a tag may be made of to be cited. Everything else — names, places, slogans, instructions to a language model —
/// stays out of the texts.
enum CatalogueVocabulary {
    /// At most this many are cited.
    private static let limit = 3

    /// The genres that may be cited, in the catalogue's order, lower case, without repeats.
    static func genres(of source: SourceFacts) -> [String] {
        cited(source.genres, by: { isGenre($0) })
    }

    /// The tags of mood that may be cited.
    static func moods(of source: SourceFacts) -> [String] {
        cited(source.tags, by: { moodWords.contains($0) })
    }

    /// The tags that are genres.
    static func genreTags(of source: SourceFacts) -> [String] {
        cited(source.tags, by: { isGenre($0) })
    }

    static func language(of source: SourceFacts) -> String? {
        source.language.flatMap { languages[$0.lowercased()] }
    }

    /// Every word that may be cited.
    static let citable = genreWords.union(moodWords).union(languages.values.map { $0.lowercased() })

    private static func cited(_ names: [String], by accepts: (String) -> Bool) -> [String] {
        var cited: [String] = []
        // A hostile catalogue may list very many, or very long ones.
        for name in names.prefix(200) where name.utf8.count <= 60 {
            let folded = Words.of(name.lowercased()).joined(separator: " ")
            if !folded.isEmpty, accepts(folded), !cited.contains(folded) { cited.append(folded) }
            if cited.count == limit { break }
        }
        return cited
    }

    private static func isGenre(_ name: String) -> Bool {
        let words = name.split(whereSeparator: { $0 == " " || $0 == "-" || $0 == "/" }).map(String.init)
        return (1...4).contains(words.count) && words.allSatisfy(genreWords.contains) && words.contains { !qualifiers.contains($0) }
    }

    private static func set(_ words: String) -> Set<String> { Set(words.split(whereSeparator: \.isWhitespace).map(String.init)) }

    /// Words that qualify a genre and are none by themselves.
    private static let qualifiers = set("""
        acid adult american art atmospheric avant-garde avant baroque black big brutal british chamber chill classic college \
        contemporary cool dark deep death deutsch doom dream early eastern easy electric epic european free french \
        french-language future garage german glam gothic groove hard heavy hot independent italian jangle japanese korean latin lo-fi lofi \
        math melodic minimal modern modal neo new noise nordic old operatic pagan post power progressive proto raw roots \
        russian sad smooth soft southern space spanish speed stoner swedish symphonic tech technical traditional tropical uk underground urban us vocal \
        west western and n 
        """)

    private static let genreWords = qualifiers.union(set("""
        acoustic age alternative experimental indie instrumental orchestral psychedelic wave world \
        adult-contemporary afrobeat alt ambient americana anime bachata ballad ballads band beat beats bebop bluegrass blues blues-rock bolero boogie bop bossa \
        bossanova breakbeat breakcore britpop cabaret calypso celtic chanson chillout chillwave choir choral classical club country crossover crunk \
        crust cumbia dance dancehall dancepop deathcore disco djent doo downtempo drone drum dub dubstep easycore ebm edm electro electroclash electronic \
        electronica electropop emo eurodance europop fado flamenco folk folktronica funk fusion gangsta gospel grime grindcore grunge guitar hardcore \
        hardstyle hip hip-hop hiphop hop house idm industrial jazz j jpop jrock juke jungle k kpop krautrock lounge mambo mariachi merengue metal metalcore \
        motown mpb music neofolk neoclassical newage noise-rock nova nu nu-metal opera oldies piano polka pop poprock post-punk post-rock postpunk punk \
        ragga ragtime rap rave reggae reggaeton rhythm rnb r&b rock rockabilly rocksteady salsa samba screamo shoegaze ska skiffle sludge soul soundtrack \
        step surf swing synth synthpop synthwave tango techno thrash trance trap trip trip-hop triphop twee vaporwave waltz wop songwriter singer \
        singer-songwriter stomp bass and electropunk folk-rock indie-rock indie-pop hyperpop phonk amapiano garage-rock emocore mathcore slowcore sadcore \
        lounge-music worship christian schlager tropicalia zouk
        """))

    /// What listeners write of how music feels; cited as the catalogue's word, never as a finding.
    private static let moodWords = set("""
        aggressive angry atmospheric beautiful bittersweet calm calming catchy cheerful chill chilled cool cute dark dreamy driving eerie emotional energetic \
        epic ethereal fun funky gentle gloomy groovy happy haunting hopeful hypnotic intense intimate joyful light lonely longing lush \
        melancholic melancholy mellow melodic moody mysterious nostalgic passionate peaceful playful powerful quirky raw reflective relaxed relaxing \
        romantic sad sensual sentimental sexy smooth soft somber sombre soothing soulful sweet tender triumphant uplifting warm weird wistful
        """)

    private static let languages = [
        "en": "English", "es": "Spanish", "pt": "Portuguese", "fr": "French", "de": "German", "it": "Italian", "ja": "Japanese", "ko": "Korean",
        "ru": "Russian", "sv": "Swedish", "fi": "Finnish", "no": "Norwegian", "da": "Danish", "nl": "Dutch", "pl": "Polish", "tr": "Turkish",
        "zh": "Chinese", "zh-cn": "Chinese", "zh-tw": "Chinese", "ar": "Arabic", "cs": "Czech", "el": "Greek", "he": "Hebrew", "hi": "Hindi",
        "hu": "Hungarian", "id": "Indonesian", "is": "Icelandic", "ro": "Romanian", "uk": "Ukrainian", "cy": "Welsh", "ga": "Irish", "la": "Latin",
        "ca": "Catalan", "hr": "Croatian", "sr": "Serbian", "tl": "Tagalog", "vi": "Vietnamese", "th": "Thai", "et": "Estonian",
    ]
}
