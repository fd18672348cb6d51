import Glibc
import MusicLanguageModel
import TensorKernels
import Testing

struct SamplerTests {
    private static func scores(_ values: [Float]) -> Activations { Activations(rows: 1, columns: values.count, values: values) }

    private static func counts(_ values: [Float], _ settings: SamplingSettings, draws: Int = 20_000) throws -> [Int: Int] {
        let scores = scores(values)
        var sampler = Sampler(settings)
        return try (0 ..< draws).reduce(into: [:]) { counts, _ in counts[Int(try sampler.next(scores, row: 0)), default: 0] += 1 }
    }

    @Test func greedyTakesTheFirstLargest() throws {
        #expect(try Self.counts([0, 3, 1, 3, 2], .greedy, draws: 3) == [1: 3])
        #expect(try Self.counts([-5], .greedy, draws: 1) == [0: 1])
        for count in 1 ... 70 {
            for place in 0 ..< count {
                var values = [Float](repeating: -1, count: count)
                values[place] = 2
                #expect(Self.scores(values).largestColumn(row: 0) == place)
            }
        }
    }

    /// 20,000 draws: four standard deviations of a share of a half are 0.014.
    @Test func drawsByTheModelsOwnShares() throws {
        let values: [Float] = [0, 1, 2, -1], temperature = 0.7
        let weights = values.map { exp(Double($0) / temperature) }, sum = weights.reduce(0, +)
        let counts = try Self.counts(values, SamplingSettings(temperature: temperature, seed: 3))
        for (token, weight) in weights.enumerated() { #expect(abs(Double(counts[token, default: 0]) / 20_000 - weight / sum) < 0.015) }
    }

    @Test func keepsToTheMostProbable() throws {
        let shares = [0.05, 0.5, 0.15, 0.3], values = shares.map { Float(log($0)) }
        #expect(Set(try Self.counts(values, SamplingSettings(temperature: 1, topP: 0.79, seed: 1)).keys) == [1, 3])
        #expect(Set(try Self.counts(values, SamplingSettings(temperature: 1, topP: 0.81, seed: 1)).keys) == [1, 2, 3])
        #expect(Set(try Self.counts(values, SamplingSettings(temperature: 1, topP: 0.01, seed: 1)).keys) == [1])
        // All equal: many tokens, none of which outweighs the others.
        #expect(Set(try Self.counts([Float](repeating: 2, count: 40), SamplingSettings(temperature: 1, topP: 0.49, seed: 1)).keys) == Set(0 ..< 20))
    }

    @Test func scoresThatAreNoNumbersAreAnError() {
        var sampler = Sampler(.greedy)
        #expect(throws: ModelError.self) { try sampler.next(Self.scores([.nan, .nan]), row: 0) }
        #expect(throws: ModelError.self) { try sampler.next(Self.scores([0, .infinity]), row: 0) }
    }
}

struct TextAssemblerTests {
    @Test func passesOnTheTextOfAllTokens() {
        // é in two bytes, a lone first byte, spaces at tokens' beginnings.
        let tokens: [Int32] = [29, 30, 60, 3, 1, 31, 59, 58, 60, 60, 55, 56]
        var assembler = TextAssembler(LetterTokenizer())
        let text = tokens.map { assembler.append($0) } + [assembler.finish()]
        #expect(text.joined() == LetterTokenizer().decode(tokens))
        #expect(text[0] == "a" && text[1] == " b" && text[2] == "")
    }

    @Test func waitsForNoCharacterForEver() {
        var assembler = TextAssembler(LetterTokenizer())
        let text = (0 ..< 40).map { _ in assembler.append(60) }
        #expect(text.joined().unicodeScalars.count >= 32)
    }
}
