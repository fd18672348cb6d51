"""libfluidsynth through ctypes: a SoundFont is loaded once and plays many pieces."""
import ctypes

import numpy as np


class Synthesizer:
    STEP = 64  # samples that FluidSynth makes at a time; events fall on these

    def __init__(self, font, rate, library='libfluidsynth.so.3'):
        self.lib, self.rate = ctypes.CDLL(library), rate
        for name in ('new_fluid_settings', 'new_fluid_synth'):
            getattr(self.lib, name).restype = ctypes.c_void_p
        settings = ctypes.c_void_p(self.lib.new_fluid_settings())
        self.lib.fluid_settings_setnum(settings, b'synth.sample-rate', ctypes.c_double(rate))
        self.lib.fluid_settings_setnum(settings, b'synth.gain', ctypes.c_double(0.3))
        self.lib.fluid_settings_setint(settings, b'synth.lock-memory', 0)
        self.synth = ctypes.c_void_p(self.lib.new_fluid_synth(settings))
        if self.lib.fluid_synth_sfload(self.synth, font.encode(), 1) < 0:
            raise OSError('%s: no SoundFont that FluidSynth can load; install Debian\'s soundfont packages' % font)

    def render(self, programs, controls, events, seconds, reverb):
        """programs: {channel: program}; controls: (channel, control, value); events: (seconds, channel, pitch, velocity), 0 = off.
        -> samples x 2"""
        lib, synth = self.lib, self.synth
        lib.fluid_synth_system_reset(synth)
        lib.fluid_synth_set_reverb_on(synth, int(reverb))
        lib.fluid_synth_set_chorus_on(synth, 0)
        for channel, program in programs.items():
            lib.fluid_synth_program_change(synth, channel, program)
        for channel, control, value in controls:
            lib.fluid_synth_cc(synth, channel, control, value)
        total = int(seconds * self.rate) // self.STEP * self.STEP
        sound, now = np.zeros((total, 2), np.float32), 0

        def play(to):
            nonlocal now
            while now < to:
                count = min(4096, to - now)
                left = sound[now:].ctypes.data_as(ctypes.c_void_p)
                lib.fluid_synth_write_float(synth, count, left, 0, 2, left, 1, 2)
                now += count

        for at, channel, pitch, velocity in sorted(events, key=lambda e: (e[0], e[3])):
            place = int(round(at * self.rate / self.STEP)) * self.STEP
            if place >= total:
                break
            play(place)
            if velocity:
                lib.fluid_synth_noteon(synth, channel, pitch, velocity)
            else:
                lib.fluid_synth_noteoff(synth, channel, pitch)
        play(total)
        return sound
