import Captioning
import Testing

/// The texts of one example, read by a person before they were pinned. A change here is a change of every user's captions: raise
/// `RuleCaptioner.version` with it.
@Suite struct RuleCaptionerGoldenTests {
    private let texts = RuleCaptioner(seed: "golden").chain(music: Example.music, source: Example.source, visual: Example.visual, lyrics: "words")

    @Test func theExamplesUnifiedCaptionIsPinned() {
        #expect(texts.unified.text == """
            The clip's music keeps a lively pulse, and the recording is loud. The sound leans towards the high frequencies, and \
            percussive sound prevails. Events crowd every second. Its listing in the catalogue reads synth-pop and indie. The \
            catalogue's tags include dreamy. Its metadata marks a low valence, calls its danceability high and counts its energy as \
            high. The beat runs at about 124 BPM, with four beats to the bar. Its key is E flat major. The harmony cycles through E \
            flat major, B flat major, C minor and A flat major. The energy builds towards the end.
            """)
    }

    @Test func theExamplesDescriptionIsPinned() {
        #expect(texts.description.text.rendered == """
            Overview
            This 30-second clip is cut into ten shots, mid-toned overall and coloured in warm brown and orange. Cuts come at a \
            middling rate, while movement within the pictures is clear but contained. Catalogued as synth-pop and indie, the music \
            keeps a brisk tempo of about 124 BPM and is set in E flat major. The level of light is much the same at the end as at \
            the start. Of its nine cuts, five land on a downbeat. The chords keep turning through E flat major, B flat major, C \
            minor and A flat major. The music grows in energy as it goes. Its look changes most at frame 12.

            Frame-by-frame Breakdown
            1. **Dark Blue First Image**: The first image is dark and coloured in dark blue and grey; the picture is close to still. \
            About half of the picture is dark blue.
            2. **Orange Gain**: Without a cut the image lightens to a subdued mix of warm brown and orange, and movement runs \
            through the picture. It is held against a downbeat.
            3. **Dim Scene**: With the change of shot, warm brown and orange set the look of a dim frame; movement fills the \
            picture. More moves here than in the shot before. Its cut falls together with a downbeat.
            4. **Subdued Comeback**: Seen before in frame 2, warm brown and orange fill a subdued picture anew, while almost \
            everything is in motion. The edit strikes exactly with a downbeat.
            5. **Dark Blue Deepening Shade**: The shot grows darker and is now shadowed, in dark blue and grey; small movements stir \
            the picture.
            6. **Bright Step**: A new shot opens in orange and pale yellow, well-lit as a whole, and parts of the picture keep \
            moving. The camera pans to the right. The level of the music rises.
            7. **Orange Arrival**: What follows the cut is a bright composition of orange and pale yellow, in which there is clear \
            movement. Orange covers about a third of the frame. The change of shot meets a downbeat.
            8. **Pale Yellow Passage**: The view lingers, with orange and pale yellow unchanged in their lead; the movement is easy \
            to see.
            9. **Subdued Reprise**: Back come the warm brown and orange of frame 2, dim once again; fast change sweeps the frame. \
            Here the harmony turns to E flat major.
            10. **Fast-Moving Reappearance**: An earlier image, that of frame 2, is taken up again in warm brown and orange; the \
            picture is full of movement. The cut lands on a downbeat.
            11. **Grey Fade**: The level of light falls, and dark blue and grey recede; movement is slight.
            12. **Active Familiar View**: Here a bright shot in orange and pale yellow picks up where frame 6 left off, and movement \
            runs through the picture. The view moves in closer. Cut and beat coincide.
            13. **Pale Yellow Repeat**: Another cut, and the well-lit image is close to frame 6: orange and pale yellow, where only \
            gentle movement shows. Orange takes up about a third of the image. A downbeat marks the cut.
            14. **Subdued Falling Light**: Within the take the picture turns darker, keeping dark blue and grey, and the movement \
            stays soft.
            15. **Dark Blue Return**: The edit comes back to the look of frame 11, shadowed in dark blue and grey, and everything \
            stays in place. The music has moved to C minor.

            """)
    }

    @Test func theExamplesFiguresAreThoseOfTheFacts() {
        let description = texts.description
        #expect(description.music.tempo == 124 && description.music.key == "D# major" && description.music.beatsPerBar == 4)
        #expect(description.frames.count == 15 && description.frames[14].start == 28 && description.frames[14].end == 30)
        #expect(description.frames[1].sync == SyncPoint(bar: 2, beat: 1, onBeat: true, onDownbeat: true, chord: "D#:maj"))
        #expect(description.frames[2].sync.cutOnDownbeat && description.frames[2].sync.bar == 3 && description.frames[2].sync.beat == 1)
        #expect(description.mvTypes == [.artistic] && description.provenance.source == "rules" && description.music.lyricsStatus == .unavailable)
        #expect(description.music.lyrics == nil && description.music.genres == ["synth-pop", "indie"])
    }
}
