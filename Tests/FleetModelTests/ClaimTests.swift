import FleetModel
import Testing

struct ClaimTests {
    private func claim(_ document: String) -> Claim {
        Claim(task: 1, seq: 2, stage: "audio", fingerprint: Fingerprint(digest: Digest.of("x")), settings: "{}", document: document, upstream: [:], attempt: 0, strikes: 0, isStarted: true)
    }

    @Test func `a clip is read from its document, as often as it is asked for`() throws {
        let clip = Clip(id: "a", artist: "b", genres: ["pop"], lyrics: "c", metadata: ["energy": 0.5])
        let claim = claim(try CanonicalJSON.encode(clip))
        #expect(claim.clip == clip)
        #expect(try claim.reading().clip == clip)
        #expect(try claim.reading().isStarted)
    }

    @Test(arguments: ["", "[]", #"{"title":"no id"}"#])
    func `a document that is no clip is said to be one before the task runs`(document: String) {
        let error = #expect(throws: FleetError.self) { try claim(document).reading() }
        #expect(error?.code == "ledger.corrupt")
    }
}
