import Foundation
import MusicAnalysis
import NumericKernels
import Testing

@Suite struct BeatNetworkTests {
    /// What PyTorch computed with the built-in weights (scripts/train-audio.d/parity.py).
    private struct Expected: Decodable {
        var beat: [Float]
        var downbeat: [Float]
        var tempo: [Float]
    }

    @Test func computesWhatTheTrainingFrameworkComputes() throws {
        let expected = try JSONDecoder().decode(Expected.self, from: Data(PackageResources.rhythm_json))
        var rows = Matrix(rows: expected.beat.count, columns: 112)
        for row in 0 ..< rows.rows {
            for column in 0 ..< rows.columns { rows[row, column] = Float(0.5 + 0.5 * sin(0.37 * Double(row * (column % 7 + 1)) + Double(column))) }
        }
        let output = try BeatNetwork(SafetensorsFile(.rhythm))(rows)
        func largestDifference(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map { abs($0 - $1) }.max() ?? .infinity }
        #expect(output.beat.count == expected.beat.count && output.tempo.count == expected.tempo.count)
        #expect(largestDifference(output.beat, expected.beat) < 1e-4)
        #expect(largestDifference(output.downbeat, expected.downbeat) < 1e-4)
        #expect(largestDifference(output.tempo, expected.tempo) < 1e-4)
    }

    @Test func hearsNothingInNothing() throws {
        let output = try BeatNetwork(SafetensorsFile(.rhythm))(Matrix(rows: 0, columns: 112))
        #expect(output.beat.isEmpty && output.downbeat.isEmpty)
        #expect(!output.tempo.contains { !$0.isFinite })
    }

    @Test func refusesAModelOfAnotherShape() throws {
        let header = #"{"mean":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
        let bytes = [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [0, 0, 0, 0]
        #expect(throws: SafetensorsFile.FormatError.self) { try BeatNetwork(SafetensorsFile(bytes)) }
    }
}
