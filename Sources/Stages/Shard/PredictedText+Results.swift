import DatasetFormat
import FleetModel
import Ledger
import MusicLanguageModel

extension PredictedText {
    /// How the stage `prediction` ended for a clip; nil where its job has no such stage.
    init?(_ ending: StageEnding?) throws {
        switch ending {
        case nil: return nil
        case .done(let json, _):
            let prediction = try CanonicalJSON.decode(Prediction.self, from: json)
            self.init(text: prediction.text, status: prediction.finish == .length ? .cut : .done)
        case .filtered: self.init(status: .filtered)
        case .dead, .blocked: self.init(status: .failed)
        case .open: self.init(status: .unfinished)
        }
    }
}

extension DatasetExtras {
    /// The columns that these stages fill.
    init(_ graph: StageGraph) {
        self = []
        if graph.stages.contains(where: { $0.name == "prediction" }) { insert(.prediction) }
        if graph.stages.contains(where: { $0.name == "embedding" }) { insert(.musicEmbedding) }
    }
}
