import Foundation
import MusicAnalysis
import NumericKernels
import Testing

@Suite struct HarmonyModelTests {
    /// Chroma, path, and PyTorch's answers to them with the committed weights: scripts/train-harmony.d/harmony_case.py.
    private static func stored() throws -> SafetensorsFile {
        let url = try #require(Bundle.module.url(forResource: "Cases/harmony", withExtension: "safetensors"))
        return try SafetensorsFile([UInt8](Data(contentsOf: url)))
    }

    @Test func hearsTheChordsThatTheTrainingFrameworkHears() throws {
        let file = try Self.stored()
        let wanted = try file.tensor("chords").matrix
        let heard = HarmonyModel.builtIn.chords.logProbabilities(RegisterChroma(rows: try file.tensor("chroma").matrix))
        #expect(heard.rows == wanted.rows && heard.columns == wanted.columns)
        let difference = zip(heard.elements, wanted.elements).map { abs($0 - $1) }.max() ?? 1
        // Log-probabilities reach −30: a ten-thousandth is 1 in 300,000.
        #expect(difference < 1e-4)
    }

    @Test func findsTheKeyThatTheTrainingFrameworkFinds() throws {
        let file = try Self.stored()
        let wanted = try file.tensor("keys").values
        let states = try file.tensor("path").values.map { Int($0) }
        let found = HarmonyModel.builtIn.keyProbabilities(RegisterChroma(rows: try file.tensor("chroma").matrix), states: states)
        #expect(found.count == 24)
        let difference = zip(found, wanted).map { abs($0 - $1) }.max() ?? 1
        #expect(difference < 1e-4)
    }

    @Test func aTransposedSoundHasTransposedChords() throws {
        let chroma = try Self.stored().tensor("chroma").matrix
        let turned = Matrix(rows: chroma.rows, columns: chroma.columns, elements: (0 ..< chroma.rows).flatMap { row in
            (0 ..< chroma.columns).map { column in chroma[row, column / 12 * 12 + (column + 7) % 12] }
        })
        let network = HarmonyModel.builtIn.chords
        let (low, high) = (network.logProbabilities(RegisterChroma(rows: chroma)), network.logProbabilities(RegisterChroma(rows: turned)))
        for row in 0 ..< low.rows {
            for column in 0 ..< low.columns - 1 {
                #expect(abs(low[row, column / 12 * 12 + (column + 7) % 12] - high[row, column]) < 1e-4)
            }
        }
    }

    @Test func aModelThatLacksATensorIsAnErrorThatNamesIt() throws {
        let file = try Self.stored()
        #expect { try HarmonyModel(file) } throws: { "\($0)".contains("chord0") }
    }
}
