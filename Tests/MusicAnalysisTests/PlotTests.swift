import Foundation
import FoundationXML
import MusicAnalysis
import Testing

@Suite struct PlotTests {
    /// What a parser saw: the elements' names, counted, and all text.
    private final class Reading: NSObject, XMLParserDelegate {
        var elements: [String: Int] = [:]
        var text = ""
        var attributes: [String] = []

        func parser(_ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]) {
            elements[name, default: 0] += 1
            self.attributes += attributes.values
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
    }

    private static func read(_ svg: String) throws -> Reading {
        let parser = XMLParser(data: Data(svg.utf8))
        let reading = Reading()
        parser.delegate = reading
        #expect(parser.parse(), "\(String(describing: parser.parserError))")
        return reading
    }

    private static let music = Synthesis.samples(Synthesis.progression([(60, false), (69, true), (65, false), (67, false)], beatsPerChord: 4, bpm: 120, seconds: 16))

    private static func plot(_ samples: AudioSamples, named name: String = "clip.ogg", offset: Double = 0) -> String {
        MusicPlot(name: name, duration: samples.duration, offset: offset, features: MusicAnalyzer().analyze(samples),
                  waveform: WaveformEnvelope(samples, count: MusicPlot.width(duration: samples.duration))).svg()
    }

    @Test func aPlotIsAnXMLDocumentThatNamesTempoKeyAndChords() throws {
        let svg = Self.plot(Self.music)
        let reading = try Self.read(svg)
        #expect(reading.elements["svg"] == 1)
        for part in ["clip.ogg", "BPM", "major", "LUFS", "sections", "waveform", "beats", "chords", "energy", "0:00", "0:15", "Am"] {
            #expect(reading.text.contains(part), "\(part)")
        }
        #expect(!reading.attributes.contains { $0.contains("nan") || $0.contains("inf") || $0.contains("e-") })
        #expect(svg == Self.plot(Self.music), "the same features give the same text")
    }

    @Test func namesAreEscapedAndWhatXMLCannotHoldIsReplaced() throws {
        let name = "<script>\"R&B\" 'live' \u{1}\u{7F}\u{FFFF}]]> é 音.mp3"
        let reading = try Self.read(Self.plot(Self.music, named: name))
        #expect(reading.elements["script"] == nil)
        #expect(reading.text.contains("<script>\"R&B\" 'live' \u{FFFD}\u{FFFD}\u{FFFD}]]> é 音.mp3"))
    }

    @Test func longNamesAreCutInTheMiddle() throws {
        let reading = try Self.read(Self.plot(Self.music, named: String(repeating: "long ", count: 60) + "end.mp3"))
        #expect(reading.text.contains("…") && reading.text.contains("end.mp3"))
    }

    @Test(arguments: [0, 1, 10, 22_050])
    func silenceOfAnyLengthIsDrawn(count: Int) throws {
        let reading = try Self.read(Self.plot(Synthesis.samples([Float](repeating: 0, count: count))))
        #expect(reading.text.contains("silence") && reading.text.contains("no beats were found"))
    }

    @Test func theAxisCountsFromTheFilesStart() throws {
        let reading = try Self.read(Self.plot(Self.music, offset: 3_598))
        #expect(reading.text.contains("59:58") && reading.text.contains("1:00:00"))
    }

    /// An hour's thousand beats do not become a bar of ink, nor a picture without end.
    @Test func aLongPieceStaysReadable() throws {
        var features = MusicAnalyzer().analyze(Synthesis.samples([Float](repeating: 0, count: 100)))
        features.isSilent = false
        features.beats = (0 ..< 7_200).map { Double($0) / 2 }
        features.downbeats = (0 ..< 1_800).map { Double($0) * 2 }
        features.energy = [Double](repeating: 0.5, count: 3_600)
        let wave = WaveformEnvelope(columns: [WaveformEnvelope.Column](repeating: .init(lowest: -0.5, highest: 0.5, level: 0.2), count: 7_200))
        let svg = MusicPlot(name: "long", duration: 3_600, features: features, waveform: wave).svg()
        #expect(try Self.read(svg).elements["text", default: 0] < 400)
        #expect(svg.utf8.count < 1_000_000)
    }

    @Test func anEnvelopeReachesAsFarAsItsSamples() {
        let samples = AudioSamples(sampleRate: 1_000, channels: [[0, 0.5, -0.25, 0], [0, 0, 0, 1]])
        let envelope = WaveformEnvelope(samples, count: 2)
        #expect(envelope.columns.map(\.highest) == [0.5, 1])
        #expect(envelope.columns.map(\.lowest) == [0, -0.25])
        #expect(envelope.peak == 1)
        #expect(abs(envelope.columns[0].level - 0.25) < 1e-6)
        #expect(WaveformEnvelope(samples, count: 100).columns.count == 4)
        #expect(WaveformEnvelope(AudioSamples(sampleRate: 1_000, channels: []), count: 100).columns.isEmpty)
    }
}
