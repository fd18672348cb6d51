import MusicLanguageModel
import Testing

struct StageParityTests {
    @Test func differencesAreHeldAgainstTheTolerance() {
        let values: [Float] = [1, -10, 3], reference: [Float] = [1.05, -10, 3]
        #expect(StageParity(stage: "s", of: values, with: reference, tolerance: .absolute(0.1)).passed)
        #expect(!StageParity(stage: "s", of: values, with: reference, tolerance: .absolute(0.01)).passed)
        let parity = StageParity(stage: "s", of: values, with: reference, tolerance: .ofMaximum(0.01))
        #expect(parity.passed && parity.referenceMaximum == 10 && abs(parity.greatestDifference! - 0.05) < 1e-6)
        #expect(!StageParity(stage: "s", of: values, with: reference, tolerance: .ofMaximum(0.001)).passed)
        #expect(StageParity(stage: "s", of: values, with: reference, tolerance: .equal).greatestDifference == 1)
    }

    @Test func whatIsNotFiniteOrOfAnotherSizeFails() {
        #expect(!StageParity(stage: "s", of: [Float.nan], with: [0], tolerance: .absolute(1)).passed)
        #expect(!StageParity(stage: "s", of: [Float.infinity], with: [.infinity], tolerance: .absolute(1)).passed)
        #expect(!StageParity(stage: "s", of: [Float](), with: [1], tolerance: .absolute(1)).passed)
        #expect(!StageParity(stage: "s", of: [1, 2, 3], equalTo: [1, 2]).passed)
        #expect(StageParity(stage: "s", of: [1, 2], equalTo: [1, 2]).passed)
    }
}
