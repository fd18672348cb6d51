import Captioning
import Testing

/// JSON as models write it, and as somebody would who wants to bring the reader down.
@Suite(.timeLimit(.minutes(1))) struct LenientJSONTests {
    private static func read(_ text: String) -> Result<(value: JSONValue, rest: String, repairs: Set<AnswerRepair>), LenientJSON.Fault> {
        let bytes = Array(text.utf8)
        var json = LenientJSON(bytes[...])
        do {
            let value = try json.value()
            return .success((value, String(decoding: bytes[json.place...], as: UTF8.self), json.repairs))
        } catch {
            return .failure(error)
        }
    }

    private static func fault(_ text: String) -> LenientJSON.Fault? {
        if case .failure(let fault) = read(text) { fault } else { nil }
    }

    @Test(arguments: [
        (#"{"a":[1,-2.5e-3,true,false,null,"x"]} rest"#, #"{"a":[1,-0.0025,true,false,null,"x"]}"#, " rest"), ("[]", "[]", ""), (#"{}{}"#, "{}", "{}"),
        (#"  "\"\\\/" "#, #""\"\\/""#, " "), (#""\u00e9\ud83c\udf03""#, #""é🌃""#, ""), (#"{"a":1,"a":2}"#, #"{"a":1,"a":2}"#, ""),
    ])
    func whatIsJSONIsReadAsItStands(text: String, value: String, rest: String) throws {
        let read = try Self.read(text).get()
        #expect(read.value.rendered == value && read.rest == rest && read.repairs.isEmpty)
    }

    @Test(arguments: [
        ("{\"a\":1,}", #"{"a":1}"#), ("[1,]", "[1]"), (#"{"a":1 "b":2}"#, #"{"a":1,"b":2}"#), (#"[{"a":1} {"a":2}]"#, #"[{"a":1},{"a":2}]"#), ("[True,False,None,NaN,undefined]", "[true,false,null,null,null]"),
        ("/* a */ [1, // one\n 2 /* two **/]", "[1,2]"), (#"["it\'s"]"#, #"["it's"]"#),
    ])
    func whatModelsWriteInItsPlaceIsForgivenAndSaid(text: String, value: String) throws {
        let read = try Self.read(text).get()
        #expect(read.value.rendered == value && read.repairs == [.syntax])
    }

    @Test func controlCharactersInStringsBecomeSpaces() throws {
        let controls = String(String.UnicodeScalarView((0..<0x20).compactMap { Unicode.Scalar($0) }))
        let raw = try Self.read("\"a\(controls)b\"").get()
        #expect(raw.value == .string("a" + String(repeating: " ", count: 32) + "b") && raw.repairs == [.rawCharacters])
        #expect(try Self.read(#""\n\r\t\b\f""#).get().value == .string("     "))
    }

    @Test func halvesOfCharactersAreReplacedAndTakeNothingAlong() throws {
        for text in [#""\ud83c""#, #""\udf03""#, #""\ud83c\u0041""#] { #expect(try Self.read(text).get().value == .string("\u{FFFD}"), "\(text)") }
        #expect(try Self.read(#""\ud83cx""#).get().value == .string("\u{FFFD}x"))
    }

    @Test(arguments: ["", " ", "{", "[1", "[1,", #"{"a""#, #"{"a":"#, #"{"a":1"#, #""abc"#, #""abc\"#, #""\u00"#, "12", "tru", "/* no end", "[1 // no end", #"{"a":{"b":["#])
    func whatStopsShortIsNeverGuessedAt(text: String) { #expect(Self.fault(text) == .cut, "\(text)") }

    @Test(arguments: ["{a:1} ", "{'a':1} ", "{1:2} ", "[1 2] ", "{,} ", "[,] ", "[1,,2] ", #"{"a":1,,"b":2} "#, "[1} ", #"{"a":1] "#, "hello ", "TRUE ", "+1 ", "- ", "1e999 ", "1.2.3 ", "[0x10] ", #""\x41" "#,
                      #""\u12G4" "#, "] ", "} ", ": ", "\u{FEFF}{} ", "/ 1 ", "[-Infinity] "])
    func whatIsNoJSONIsAFault(text: String) { #expect(Self.fault(text) == .malformed, "\(text)") }

    @Test func depthAndNumberOfValuesAreBounded() throws {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth) }
        #expect(Self.fault(nested(31)) == nil && Self.fault(nested(32)) == .malformed)
        #expect(Self.fault(String(repeating: "[", count: 1_000_000)) == .malformed)
        #expect(Self.fault(String(repeating: #"{"a":"#, count: 200_000)) == .malformed)
        #expect(Self.fault("[" + Array(repeating: "1", count: 4000).joined(separator: ",") + "]") == nil)
        #expect(Self.fault("[" + Array(repeating: "1", count: 500_000).joined(separator: ",") + "]") == .malformed)
    }

    @Test func aMegabyteIsReadInOneGo() throws {
        let long = String(repeating: #"\u00e9 \" "#, count: 120_000)
        guard case .string(let text) = try Self.read("\"\(long)\"").get().value else { Issue.record("no string"); return }
        #expect(text.utf8.count == 120_000 * 5)
        #expect(Self.fault("/*" + String(repeating: "*", count: 1_000_000)) == .cut)
        #expect(Self.fault(String(repeating: "// x\n", count: 200_000)) == .cut)
        #expect(Self.fault(String(repeating: "9", count: 1_000_000) + " ") == .malformed)
    }
}
