import Captioning
import Fleet
import FleetModel

extension StageTask {
    /// What the clip's `frames` result measured.
    func visualFacts() throws -> VisualFacts { VisualFacts(try upstream("frames", as: FramesOutput.self)) }

    /// What the clip's `audio` result measured.
    func musicFacts() throws -> MusicFacts { MusicFacts(try upstream("audio", as: AudioReport.self)) }
}
