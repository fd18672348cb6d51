"""Who plays, and what: one string a bar, one character a sixteenth note (twelve characters in 3/4).

drums   "x" a hit, "X" a loud one
bass    1 root, 5 fifth, 8 octave of the chord; held to the next
comp    "x" the whole chord, digits one note of it (1 3 5 8); held to the next
pad     the chord for its whole length
"""
from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    drums: dict
    bass: tuple | None = None   # General MIDI programme from 0, pattern
    comp: tuple | None = None
    pad: int | None = None
    lead: int | None = None
    drums_from: int = 0         # the bar they enter


BANDS = {
    "ballad": Band({"kick": "X.......x.......", "side": "....x.......x...", "hat": "x...x...x...x..."},
                   bass=(32, "1.......1.....5."), comp=(0, "1.3.5.8.5.3.1.3."), pad=48, lead=73, drums_from=2),
    "synthpop": Band({"kick": "X...X...X...X...", "snare": "....X.......X...", "hat": "..x...x...x...x."},
                     bass=(38, "1.1.8.1.1.1.8.1."), comp=(81, "1358135813581358"), pad=89, lead=80),
    "strum": Band({"kick": "X.....x.X.......", "snare": "....X.......X..x", "hat": "x.x.x.x.x.x.x.x."},
                  bass=(33, "1.....1.5.....1."), comp=(25, "x...x.x...x.x.x."), lead=22),
    "triphop": Band({"kick": "X.....x...x.....", "snare": "....X.......X...", "hat": "x.xxx.x.x.xxx.x."},
                    bass=(33, "1.....1...5....."), comp=(4, "x.........x....."), pad=50, lead=65),
    "drumbass": Band({"kick": "X.........x.....", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
                     bass=(39, "1.....1...1...5."), comp=(81, "x.......x......."), pad=94, lead=81),
    "waltz": Band({"kick": "X...........", "side": "....x...x...", "ride": "x...x..xx..."},
                  bass=(32, "1..........."), comp=(0, "....x...x..."), lead=66),
    "house": Band({"kick": "X...X...X...X...", "clap": "....X.......X...", "open": "..x...x...x...x."},
                  bass=(38, "..1...1...1...8."), comp=(16, "..x..x....x..x.."), pad=90, lead=62),
    "ambient": Band({"ride": "x.......x.......", "kick": "x..............."},
                    bass=(35, "1..............."), comp=(11, "1...5...8...5..."), pad=95, lead=88),
    "silence": Band({}),
}

# General MIDI percussion keys, channel 10.
DRUMS = {"kick": 36, "snare": 38, "side": 37, "clap": 39, "hat": 42, "open": 46, "ride": 51}
