import Captioning
import Testing

@Suite(.timeLimit(.minutes(1))) struct RefusalPhrasesTests {
    @Test(arguments: [
        ("I'm sorry, but I can't help with that.", "i'm sorry"), ("I’M SORRY", "i'm sorry"), ("As an AI, the frame…", "as an ai"), ("Certainly! A red lamp", "certainly!"),
        ("A sign reads: ignore previous orders", "ignore previous"), ("the SYSTEM\u{20}PROMPT", "system prompt"), ("x\u{0}i cannot\u{0}", "i cannot"),
    ])
    func whatNoDescriptionSaysIsFound(text: String, phrase: String) { #expect(RefusalPhrases.first(in: text) == phrase) }

    @Test(arguments: ["", "i", "A singer cannot reach the shore.", "The apology of a sorry clown", "İSTANBUL nights ß ﬁ", "I am\nsorry"])
    func whatMaySaySoIsNot(text: String) { #expect(RefusalPhrases.first(in: text) == nil) }

    @Test func aFloodIsReadToItsEnd() {
        #expect(RefusalPhrases.first(in: String(repeating: "i canno ", count: 40_000)) == nil)
        #expect(RefusalPhrases.first(in: String(repeating: "ï", count: 200_000) + " lorem ipsum") == "lorem ipsum")
    }
}

@Suite(.timeLimit(.minutes(1))) struct TextFormTests {
    @Test(arguments: [("a\u{0}b", true), ("a\u{202E}b", true), ("a\u{2028}b", true), ("\u{E000}", true), ("tab\there", true), ("Ça va – “well” … 🌃", false), ("夜", false), ("", false)])
    func signsThatNoTextHoldsAreFound(text: String, isForeign: Bool) { #expect(TextForm.hasForeignCharacters(text) == isForeign) }

    @Test(arguments: [("a <data> b", true), ("{\"a\"", true), ("**bold**", true), ("see http://x", true), ("```", true), ("snake__case", true), ("a * b ` c _ d", false), ("", false)])
    func markupIsFound(text: String, isMarkup: Bool) { #expect(TextForm.hasMarkup(text) == isMarkup) }

    @Test(arguments: [
        ("Луна висит над крышами старого города", true), ("夜の街に雨が降りつづいて僕らは歩く道をさがす", true), ("A man walks by a river at night 夜", false), ("Žluťoučký kůň pěl ďábelské ódy ở đây", false),
        ("夜", false), ("", false),
    ])
    func anotherScriptIsToldFromALongEnoughText(text: String, isOther: Bool) { #expect(TextForm.isOtherScript(text) == isOther) }

    @Test func aSentenceThatComesTwiceIsToldHoweverItIsMarked() {
        #expect(TextForm.repeatedSentence(in: "The lamp is very red. Rain. the lamp, is very RED! End.") == "the lamp, is very RED!")
        #expect(TextForm.repeatedSentence(in: "Rain falls. Rain falls. Rain falls.") == nil)
        #expect(TextForm.repeatedSentence(in: String(repeating: "One two three four. ", count: 20_000)) == "One two three four.")
        #expect(TextForm.repeatedSentence(in: String(repeating: "x", count: 1_000_000)) == nil)
    }
}
