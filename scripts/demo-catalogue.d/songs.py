"""The songs of the demonstration catalogue: everything that is heard, seen and known of each.

chords   bars separated by "|"; several chords share their bar equally; repeats to the end
melody   bars separated by "|"; degree:beats, degree 1 the tonic, 8 its octave, "-" a rest; repeats
band     an arrangement of bands.py
shots    scenes of scenes.py in their order; repeats
cut      bars a shot lasts; None for one shot
"""
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Song:
    id: str
    artist: str
    title: str
    album: str
    year: int
    genres: str
    tags: str
    bpm: float
    key: str
    chords: str
    melody: str
    band: str
    shots: tuple
    cut: float | None = None
    metre: int = 4
    lead_in: float = 0.0
    lang: str = "en"
    still: str | None = None      # why its picture is no moving one
    fault: str | None = None      # what is wrong with it, on purpose
    lyrics: str | None = None
    feel: tuple = (0.5, 0.5, 0.5)  # danceability, energy, valence as a music service would say


SONGS = [
    Song("4hLr7KpQ2wZxT9aD", "Paper Lanterns", "Harbour Lights", "Small Boats", 2016, "folk,ballad", "calm,piano,evening",
         bpm=72, key="D major", chords="D | Bm | G | A | D | F#m | G | A", band="ballad",
         melody="5:2 3:1 2:1 | 1:3 -:1 | 4:1.5 5:.5 6:2 | 5:3 -:1 | 8:2 7:1 5:1 | 6:1 5:1 3:2 | 4:1 3:1 2:2 | 2:1 5:3",
         shots=("coast:dusk", "coast:dawn"), cut=4, lead_in=0.35, feel=(0.31, 0.24, 0.38),
         lyrics="The harbour lights lean out to sea,\nA paper boat, a borrowed key.\nI fold the evening, corner by corner,\n"
                "And send it over, over the water.\n\nHold the rope and count to nine,\nThe tide will keep your place in line.\n"),
    Song("1mBv8GtYc5NsE3uJ", "Neon Orchard", "Glass Elevator", "Fruit of the Grid", 2019, "synthpop,electronic", "dance,night,synth",
         bpm=120, key="A minor", chords="Am | F | C | G", band="synthpop",
         melody="5:.5 5:.5 8:1 7:1 5:1 | 6:1.5 5:.5 3:2 | 5:1 3:1 2:1 3:1 | 2:2 -:2",
         shots=("gradient:neon", "tunnel:magenta", "orbit:neon", "life:green"), cut=2, feel=(0.78, 0.74, 0.61),
         lyrics="Going up in a glass elevator,\nCity below like a circuit of stars,\nPress every floor, we can argue later,\n"
                "Nobody asks you who you are.\n\nHigher, higher, hold the door,\nI was never here before.\n"),
    Song("7nQe2DfWk6RbH0yS", "Paper Lanterns", "Runaway Kites", "Small Boats", 2016, "indie pop,folk", "happy,summer,guitar",
         bpm=104, key="G major", chords="G | D | Em | C", band="strum",
         melody="5:1 5:.5 6:.5 8:1 6:1 | 5:2 2:1 3:1 | 3:1 5:1 6:1 5:1 | 3:1 2:1 1:2",
         shots=("kites:noon", "kites:mint", "kites:rose"), cut=4, lead_in=0.2, feel=(0.66, 0.58, 0.87),
         lyrics="Run, run, the string is longer than the street,\nThe hill has got the wind beneath its feet.\n"
                "Red one, green one, one that never lands,\nWe hold the whole wide weather in our hands.\n"),
    Song("3xTj9VaPo1LgM4cK", "Grey Harbour", "Undertow", "Low Water", 2012, "trip hop,downtempo", "dark,night,melancholic",
         bpm=88, key="E minor", chords="Em | Em | C | B", band="triphop",
         melody="-:4 | 5:1.5 4:.5 3:2 | -:2 6:1 5:1 | 4:1 3:1 2:2",
         shots=("street:far", "rain:cold", "street:near"), cut=4, feel=(0.52, 0.41, 0.18),
         lyrics="Street lamp, wet sleeve, nobody on the line,\nThe water under everything is keeping time.\n"
                "Let go the wall, let go the light,\nThe undertow is kind tonight.\n"),
    Song("9kFz5HuXd3WqB7nR", "Grey Harbour", "Redline", "Low Water", 2012, "drum and bass,electronic", "fast,energetic,dark",
         bpm=170, key="B minor", chords="Bm | Bm | G | A | Bm | Bm | Em | F#", band="drumbass",
         melody="8:.5 7:.5 5:1 -:2 | 3:.5 4:.5 5:1 -:2 | 6:1 5:1 4:1 3:1 | 2:2 -:2",
         shots=("tunnel:red", "cells:red", "gradient:ember", "orbit:red", "life:amber"), cut=2, feel=(0.57, 0.93, 0.34)),
    Song("6pCs1YeMt8DjV2fL", "The Tidewater Trio", "Waltz for the Tide", "Three Chairs", 2008, "jazz,waltz", "elegant,calm,acoustic",
         bpm=138, metre=3, key="F major", chords="F | Dm | Gm | C7 | F | A | Bb | C7", band="waltz",
         melody="3:2 5:1 | 6:2 5:1 | 4:1 3:1 2:1 | 5:3 | 8:2 7:1 | 6:1 5:1 3:1 | 4:2 6:1 | 5:2 -:1",
         shots=("coast:meadow", "gradient:cream", "coast:dawn"), cut=8, lead_in=0.3, lang="INTRUMENTAL", feel=(0.44, 0.33, 0.56)),
    Song("2gRw4NbUi7KxA9mQ", "Neon Orchard", "Copper Sun", "Fruit of the Grid", 2019, "house,electronic", "dance,club,warm",
         bpm=128, key="C minor", chords="Cm | Cm | Ab | Bb", band="house",
         melody="-:2 5:.5 5:.5 4:.5 3:.5 | 1:1 -:3 | -:2 8:.5 7:.5 6:.5 5:.5 | 4:1 -:3",
         shots=("orbit:copper", "gradient:ember", "tunnel:amber"), cut=4, feel=(0.86, 0.79, 0.58),
         lyrics="Copper sun, copper sun,\nTurn around for everyone.\nCopper sun, copper sun,\nDon't come down till we are done.\n"),
    Song("8dJy3ZoGl6TvP5hW", "The Tidewater Trio", "Slow Orbit", "Three Chairs", 2008, "ambient,jazz", "space,slow,dreamy",
         bpm=96, key="Bb major", chords="Bb | Gm | Eb | F", band="ambient",
         melody="3:4 | 5:2 6:2 | 8:3 7:1 | 6:2 5:2",
         shots=("fractal:deep",), cut=None, lang="INTRUMENTAL", feel=(0.35, 0.21, 0.42)),
    # Pictures that stand still.
    Song("5vXa6QkCn0YsF8eT", "Grey Harbour", "Photograph of a Pier", "Low Water", 2012, "slowcore,rock", "sad,slow,guitar",
         bpm=80, key="C major", chords="C | Am | F | G", band="ballad",
         melody="3:2 2:1 1:1 | 1:3 -:1 | 4:2 3:1 2:1 | 2:3 -:1", shots=("still:pier",), still="single-image", feel=(0.36, 0.29, 0.25)),
    Song("0bHm7LtRw4ZpN1gV", "Paper Lanterns", "Postcards Home", "Small Boats", 2016, "folk,acoustic", "warm,memory,guitar",
         bpm=92, key="A major", chords="A | E | F#m | D", band="strum",
         melody="5:1 3:1 5:1 6:1 | 5:2 4:1 2:1 | 3:2 6:1 5:1 | 4:1 3:1 2:2", shots=("still:postcard",), still="ken-burns", feel=(0.55, 0.44, 0.72),
         lyrics="A stamp of the sea and a line from you,\nThe ink ran off but the sky stayed blue.\n"),
    Song("7sWd2JfEq9CxK3iB", "Neon Orchard", "Alphabet of Rain", "Words on Glass", 2021, "electropop", "lyrics,bright,synth",
         bpm=110, key="E major", chords="E | B | C#m | A", band="synthpop",
         melody="3:1 5:1 8:1 5:1 | 5:2 2:2 | 3:1 3:1 5:1 6:1 | 4:2 3:2", shots=("still:words",), still="lyric-over-still", feel=(0.71, 0.66, 0.69),
         lyrics="A is for the afternoon\nB is for the blue balloon\nC is for the cup of rain\nD, we do it all again\n"
                "E is every open door\nF is what the floor is for\nG is going out to see\nHow wet the letters want to be\n"),
    # Faults that a real catalogue has.
    Song("4yUo8PvTh1MrG6zX", "The Tidewater Trio", "Rest, Ninety-Nine Bars", "Three Chairs", 2008, "experimental", "silence",
         bpm=60, key="C major", chords="C", band="silence", melody="-:4", shots=("rain:cold", "gradient:cream"), cut=3,
         lang="INTRUMENTAL", fault="audio.silent", feel=(0.0, 0.0, 0.0)),
    Song("1eKc5SnBj7QwD4tA", "Paper Lanterns", "The Reel That Broke", "Small Boats", 2016, "folk", "old,scratched",
         bpm=100, key="G major", chords="G | C | D | G", band="strum", melody="1:1 2:1 3:1 5:1 | 6:2 5:2",
         shots=("coast:meadow",), fault="video.truncated", feel=(0.5, 0.5, 0.6)),
    Song("6zLp0XgVf3HyR8oM", "Neon Orchard", "Mouthing the Words", "Words on Glass", 2021, "electropop", "mute,mistake",
         bpm=116, key="A minor", chords="Am | G | F | E", band="synthpop", melody="1:1 3:1 5:1 3:1 | 2:4",
         shots=("orbit:neon", "gradient:neon"), cut=4, fault="audio.no_stream", feel=(0.6, 0.6, 0.4)),
    Song("3qTb9FrNy5WuJ2kC", "Grey Harbour", "Lost Tape", "Low Water", 2012, "rock", "lost,dark",
         bpm=112, key="D minor", chords="Dm | Bb | C | A", band="strum", melody="1:1 3:1 4:1 5:1 | 4:2 3:2",
         shots=("street:near", "cells:red"), cut=4, fault="audio.missing", feel=(0.5, 0.7, 0.3)),
]
