"""libfluidsynth through ctypes: a SoundFont is loaded once and renders many pieces."""
import ctypes
import numpy as np

RATE = 44_100
BLOCK = 4_096


class FluidSynthesizer:
    def __init__(self, font, library="libfluidsynth.so.3"):
        self.lib = ctypes.CDLL(library)
        for name in ("new_fluid_settings", "new_fluid_synth", "new_fluid_player"):
            getattr(self.lib, name).restype = ctypes.c_void_p
        settings = ctypes.c_void_p(self.lib.new_fluid_settings())
        self.lib.fluid_settings_setnum(settings, b"synth.sample-rate", ctypes.c_double(RATE))
        self.lib.fluid_settings_setnum(settings, b"synth.gain", ctypes.c_double(0.4))
        self.lib.fluid_settings_setint(settings, b"synth.lock-memory", 0)
        self.lib.fluid_settings_setstr(settings, b"player.timing-source", b"sample")
        self.synth = ctypes.c_void_p(self.lib.new_fluid_synth(settings))
        if self.lib.fluid_synth_sfload(self.synth, font.encode(), 1) < 0:
            raise OSError(f"{font}: no SoundFont that FluidSynth can load; install Debian's soundfont packages")

    def render(self, midi, seconds, reverb, chorus):
        """samples × 2, from silence."""
        self.lib.fluid_synth_system_reset(self.synth)
        self.lib.fluid_synth_set_reverb_on(self.synth, int(reverb))
        self.lib.fluid_synth_set_chorus_on(self.synth, int(chorus))
        player = ctypes.c_void_p(self.lib.new_fluid_player(self.synth))
        self.lib.fluid_player_add(player, midi.encode())
        self.lib.fluid_player_play(player)
        blocks = int(seconds * RATE) // BLOCK + 1
        sound = np.zeros((blocks * BLOCK, 2), np.float32)
        for block in range(blocks):
            left = sound[block * BLOCK:].ctypes.data_as(ctypes.c_void_p)
            self.lib.fluid_synth_write_float(self.synth, BLOCK, left, 0, 2, left, 1, 2)
        self.lib.fluid_player_stop(player)
        self.lib.delete_fluid_player(player)
        return sound[:int(seconds * RATE)]
