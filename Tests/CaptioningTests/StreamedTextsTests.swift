import Captioning
import Testing

@Suite struct StreamedTextsTests {
    private func shown(_ pieces: [String]) -> (text: String, isComplete: Bool) {
        var texts = StreamedTexts()
        let text = pieces.map { texts.take($0) }.joined()
        return (text, texts.isComplete)
    }

    @Test func textsAreShownAndNamesAreNot() {
        let answer = #"{"overview":"A quiet street.","frames":[{"index":1,"title":"Grey Dawn"},{"index":2,"title":"Rain"}],"tags":["slow","blue"]}"#
        let (text, isComplete) = shown([answer])
        #expect(text == "A quiet street.\nGrey Dawn\nRain\nslow\nblue\n")
        #expect(isComplete)
    }

    @Test func anyCutOfTheStreamShowsTheSame() {
        let answer = #"{"a":"one \"two\" \u00e9 three\nfour","b":["x"]}"#
        let scalars = Array(answer)
        for cut in 1..<scalars.count {
            let (text, isComplete) = shown([String(scalars[..<cut]), String(scalars[cut...])])
            #expect(text == "one \"two\" é three four\nx\n")
            #expect(isComplete)
        }
    }

    @Test func wordsComeBeforeTheirTextEnds() {
        var texts = StreamedTexts()
        #expect(texts.take(#"{"overview":"A qui"#) == "A qui")
        #expect(!texts.isComplete)
    }

    @Test func whatMovesATerminalsCursorIsLeftOut() {
        #expect(shown([#"{"a":"\u001b[2Jx\u202e"}"#]).text == "[2Jx\n")
    }
}
