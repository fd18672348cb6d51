import Captioning
import Testing

@Suite(.timeLimit(.minutes(1))) struct LyricQuotesTests {
    private static let lyrics = "We walked along the river’s edge,\nuntil the lanterns all went out — and 7 bells rang"

    @Test(arguments: [
        ("It is told that we walked along the river's edge at night.", "we walked along the rivers edge"), ("WALKED ALONG, THE RIVER'S EDGE UNTIL", "walked along the rivers edge until"),
        ("…lanterns all went out and 7…", "lanterns all went out and 7"),
    ])
    func sixWordsInARowAreAQuotationWhateverTheirMarks(text: String, quote: String) throws {
        #expect(try #require(LyricQuotes(Self.lyrics)).first(in: text)?.hasPrefix(quote.split(separator: " ").prefix(LyricQuotes.length).joined(separator: " ")) == true)
    }

    @Test(arguments: ["", "the river", "they walked along the river's bank until the lanterns went out", "edge river the along walked we", "until the lanterns all went"])
    func fewerWordsOrOthersBetweenThemAreNone(text: String) throws { #expect(try #require(LyricQuotes(Self.lyrics)).first(in: text) == nil) }

    @Test(arguments: [nil, "", "la la la", "\n\t\u{0}\u{1B}[31m", "!!! ??? … — “”", "# # # # # # # #", "''''' ----- /////"])
    func lyricsWithoutSixWordsCannotBeQuoted(lyrics: String?) { #expect(LyricQuotes(lyrics) == nil) }

    @Test func whereNoSpacesAreWrittenTwelveSignsAreAQuotation() throws {
        let quotes = try #require(LyricQuotes("夜の街に雨が降りつづいて僕らは歩く"))
        #expect(quotes.first(in: "歌詞「夜の街に雨が降りつづいて」") == "夜の街に雨が降りつづいて")
        #expect(quotes.first(in: "夜の街に雨が降り") == nil)
    }

    @Test func aMegabyteOfLyricsIsReadAsFarAsItsBoundAndWithinTheMinute() throws {
        let words = (0..<150_000).map { "w\($0)" }
        let quotes = try #require(LyricQuotes(words.joined(separator: " ")))
        #expect(quotes.first(in: words[19_000..<19_006].joined(separator: " ")) != nil)
        #expect(quotes.first(in: words[100_000..<100_006].joined(separator: " ")) == nil)
        // One character of a megabyte, and a flood of marks.
        #expect(LyricQuotes("e" + String(repeating: "\u{301}", count: 500_000)) == nil)
        #expect(LyricQuotes(String(repeating: "\u{0}\u{7}\u{202E}", count: 300_000)) == nil)
        #expect(quotes.first(in: String(repeating: "w1 ", count: 300_000)) == nil)
    }
}
