import MusicLanguageModel
import Testing

struct RotaryFrequenciesTests {
    /// From transformers 4.57, `ROPE_INIT_FUNCTIONS`: heads of 16, theta 500.
    @Test(arguments: [
        (LlamaConfiguration.RopeScaling.linear(factor: 4),
         [0.25, 0.11496581882238388, 0.0528685599565506, 0.02431231178343296, 0.011180340312421322, 0.005141428206115961, 0.0023643539752811193, 0.0010872796410694718] as [Float]),
        (.llama3(factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 64),
         [1.0, 0.4598632752895355, 0.09761662781238556, 0.01215615589171648, 0.005590170156210661, 0.0025707141030579805, 0.0011821769876405597, 0.0005436398205347359]),
    ])
    func scalingIsTheReferences(scaling: LlamaConfiguration.RopeScaling, expected: [Float]) {
        let configuration = LlamaConfiguration(hidden: 64, intermediate: 8, layers: 1, heads: 4, ropeTheta: 500, ropeScaling: scaling, vocabulary: 8)
        for (frequency, reference) in zip(configuration.rotaryFrequencies, expected) { #expect(abs(frequency - reference) <= 1e-6 * reference) }
        #expect(configuration.rotaryFrequencies.count == expected.count)
    }

    @Test func aConfigurationThatCannotBeRunIsRefused() {
        func refused(_ change: (inout LlamaConfiguration) -> Void) -> Bool {
            var configuration = SmallModel.configuration
            change(&configuration)
            do {
                try configuration.validate()
                return false
            } catch { return error.code == .checkpoint }
        }
        #expect(!refused { _ in })
        #expect(refused { $0.keyValueHeads = 4 } && refused { $0.headDimension = 7 } && refused { $0.layers = 0 } && refused { $0.vocabulary = .max } && refused { $0.ropeTheta = .nan })
        #expect(refused { $0.ropeScaling = .linear(factor: 0) } && refused { $0.ropeScaling = .llama3(factor: 8, lowFrequencyFactor: 4, highFrequencyFactor: 4, originalContext: 1) } && refused { $0.epsilon = -1 })
    }
}
