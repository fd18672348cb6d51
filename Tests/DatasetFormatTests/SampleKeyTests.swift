import DatasetFormat
import Testing

@Suite struct SampleKeyTests {
    @Test(arguments: ["0009fFIM1eYThaPg", "clip_01-b", "A", String(repeating: "x", count: 80)]) func plainIdsAreTheirOwnKeys(id: String) {
        #expect(SampleKey(clipID: id).text == id)
    }

    @Test(arguments: ["", "a.b", "a/b", "../../etc/passwd", "音楽", "a b", "a\u{0}b", String(repeating: "x", count: 81), "\n"])
    func otherIdsAreEscapedIntoTheAllowedForm(id: String) {
        let key = SampleKey(clipID: id).text
        #expect(key != id && key.utf8.count <= 80)
        #expect(key.utf8.allSatisfy { byte in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-".utf8.contains(byte) })
        #expect(SampleKey(clipID: id).text == key)
    }

    @Test func isPinned() {
        // printf 'my clip.mp4' | sha256sum | cut -c1-24
        #expect(SampleKey(clipID: "my clip.mp4").text == "my-clip-mp4--af51c07f7811e4e5e2107814")
    }

    @Test func differentIdsHaveDifferentKeys() {
        let escaped = SampleKey(clipID: "a.b").text
        let ids = ["a.b", "a-b", "a b", "a_b", "a/b", "A.b", escaped, SampleKey(clipID: escaped).text]
        #expect(Set(ids.map { SampleKey(clipID: $0) }).count == ids.count)
    }

    @Test func keysAscendByBytes() {
        let keys = ["Z", "a", "_", "-", "0", "aa"].map { SampleKey(clipID: $0) }
        #expect(keys.sorted().map(\.text) == ["-", "0", "Z", "_", "a", "aa"])
    }
}
