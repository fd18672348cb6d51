#!/usr/bin/env python3
"""Renders training clips of 30 s with their truth: NAME.ogg and NAME.json (the keys of the development set's).

    train-render.py OUT_DIR --midi DIR --from 0 --count 200 [--seed 5] [--skip IDS_FILE]

Every clip is its own random stream (seed, number): any range can be made again, alone. --skip names a file of POP909 song
ids that are not to be used: those that a measuring set is made from."""
import argparse
import glob
import json
import os
import subprocess
import tempfile

import mido
import numpy as np
import soundfile

from arrange import arrange, beat_times
from compose import compose
from piece import Piece, pop909
from theory import PITCH_CLASSES, labels, pitch_class

RATE, SECONDS = 44100, 30.0
FONTS = ['/usr/share/sounds/sf2/FluidR3_GM.sf2', '/usr/share/sounds/sf2/TimGM6mb.sf2', '/usr/share/sounds/sf3/MuseScore_General_Lite.sf3']


def synthesize(parts, times, shift, jitter, rng, font, path, reverb):
    """Parts on beats -> a WAV of the first 31 seconds."""
    midi = mido.MidiFile(ticks_per_beat=480)   # at 120 BPM: 960 ticks a second
    beats = np.arange(len(times))
    channel = 0
    for program, notes, volume in parts:
        track = mido.MidiTrack()
        midi.tracks.append(track)
        number = 9 if program == 'drums' else channel
        if program != 'drums':
            channel += 2 if channel == 8 else 1
            track.append(mido.Message('program_change', channel=number, program=program))
        track.append(mido.Message('control_change', channel=number, control=7, value=volume))
        track.append(mido.Message('control_change', channel=number, control=10, value=int(rng.integers(30, 98))))
        events = []
        for beat, length, pitch, velocity in notes:
            start = np.interp(beat, beats, times) + shift
            end = np.interp(min(beat + length, beats[-1]), beats, times) + shift
            start += rng.normal(0, jitter)
            if start > SECONDS + 1 or end < 0.05:
                continue
            start = max(start, 0.0)
            pitch = pitch if program == 'drums' else min(max(pitch, 21), 108)
            events.append((start, 1, int(pitch), int(min(max(velocity, 1), 127))))
            events.append((max(end, start + 0.03), 0, int(pitch), 0))
        now = 0
        for at, kind, pitch, velocity in sorted(events):
            tick = int(round(at * 960))
            track.append(mido.Message('note_on' if kind else 'note_off', channel=number, note=pitch, velocity=velocity, time=max(0, tick - now)))
            now = max(now, tick)
    with tempfile.NamedTemporaryFile(suffix='.mid') as file:
        midi.save(file.name)
        subprocess.run(['fluidsynth', '-ni', '-q', '-g', '0.6', '-R', '1' if reverb else '0', '-C', '0', '-r', str(RATE), '-O', 's16', '-F', path, font, file.name],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def shelf(x, rng):
    """Gains over a few bands, by FFT: equalising, dull or bright, thin or heavy."""
    spectrum = np.fft.rfft(x, axis=0)
    f = np.fft.rfftfreq(len(x), 1 / RATE)
    points = np.log2([20, 80, 250, 800, 2500, 8000, 20000])
    gains = np.interp(np.log2(np.maximum(f, 20)), points, rng.normal(0, 5, 7) + np.linspace(0, rng.normal(0, 8), 7))
    return np.fft.irfft(spectrum * (10 ** (gains / 20))[:, None], n=len(x), axis=0)


def effects(x, rng):
    used = []
    x = x / (np.abs(x).max() + 1e-9)
    if rng.random() < 0.55:
        x = shelf(x, rng)
        used.append('eq')
        x = x / (np.abs(x).max() + 1e-9)
    if rng.random() < 0.2:
        delay, echo = int(rng.uniform(0.02, 0.09) * RATE), rng.uniform(0.1, 0.4)
        wet = np.zeros_like(x)
        for k in range(1, 6):
            wet[k * delay:] += echo ** k * x[:-k * delay]
        x = x + wet
        used.append('echo')
    if rng.random() < 0.3:
        # a compressor: divides by the smoothed level
        level = np.sqrt(np.convolve((x ** 2).mean(1)[::64], np.ones(120) / 120, 'same') + 1e-6)
        x = x / (np.repeat(level, 64)[:len(x), None] ** rng.uniform(0.2, 0.6))
        used.append('comp')
    x = x / (np.abs(x).max() + 1e-9)
    if rng.random() < 0.3:
        drive = rng.uniform(1.5, 6)
        x = np.tanh(drive * x)
        used.append('drive')
    if rng.random() < 0.15:
        x = np.clip(x * rng.uniform(1.5, 4), -1, 1)
        used.append('clip')
    if rng.random() < 0.3:
        noise = rng.normal(0, 1, x.shape)
        if rng.random() < 0.5:
            noise = np.cumsum(noise, axis=0)
            noise -= np.convolve(noise.mean(1), np.ones(2000) / 2000, 'same')[:, None]
            noise /= noise.std() + 1e-9
        x = x + noise * x.std() * 10 ** (-rng.uniform(18, 40) / 20)
        used.append('noise')
    if rng.random() < 0.2:
        x = x.mean(1, keepdims=True)
        used.append('mono')
    return x / (np.abs(x).max() + 1e-9) * 10 ** (-rng.uniform(0.3, 14) / 20), used


def truth(piece, times, shift, transposition, tags):
    def seconds(beat):
        return float(np.interp(beat, np.arange(len(times)), times) + shift)
    grid = [(k, seconds(k)) for k in range(piece.beats)]
    beats = [(k, t) for k, t in grid if 0 <= t < SECONDS]
    chords = []
    for start, end, root, quality in piece.chords:
        a, b = max(0.0, seconds(start)), min(SECONDS, seconds(min(end, piece.beats)))
        if b <= a + 0.01:
            continue
        label, full = ('X', 'X') if root is None else labels((root + transposition) % 12, quality)
        if chords and a > chords[-1]['end'] + 0.02:
            chords.append({'start': chords[-1]['end'], 'end': round(a, 4), 'label': 'N', 'full': 'N'})
        chords.append({'start': round(a, 4), 'end': round(b, 4), 'label': label, 'full': full})
    key = None
    if piece.key:
        name, mode = piece.key.split()
        key = PITCH_CLASSES[(pitch_class(name) + transposition) % 12] + ' ' + mode
    intervals = np.diff([t for _, t in beats])
    return {'duration': SECONDS, 'tempo_bpm': round(60 / float(np.median(intervals)), 3), 'beats': [round(t, 4) for _, t in beats],
            'downbeats': [round(t, 4) for k, t in beats if k % piece.beats_per_bar == 0], 'beats_per_bar': piece.beats_per_bar,
            'compound': piece.compound, 'key': key, 'chords': chords, 'tags': tags}


def clip(number, options, songs):
    rng = np.random.default_rng([options.seed, number])
    piece = None
    song = None
    if rng.random() < options.songs:
        while piece is None:
            song = songs[rng.integers(len(songs))]
            piece = pop909(song, rng, bars=40, three=rng.random() < 0.1)
        style = rng.choice(['piano', 'duo', 'band', 'electro', 'rock', 'ensemble'], p=[.22, .16, .34, .18, .05, .05])
        tempo = piece.tempo * np.exp(rng.normal(0, 0.2))
        expression = float(rng.choice([0, 0.15, 0.6])) if style in ('piano', 'duo') else float(rng.choice([0, 0, 0.12]))
    else:
        piece = compose(rng)
        kind = piece.tags[1]
        tempo = piece.tempo
        table = {'etude': ['piano'], 'classical': ['piano', 'piano', 'piano', 'ensemble', 'duo'], 'rock': ['rock', 'rock', 'band'], 'dance': ['electro', 'electro', 'band']}
        style = rng.choice(table.get(kind, ['band', 'band', 'electro', 'ensemble', 'duo', 'piano', 'rock']))
        if kind in ('etude', 'classical'):
            expression = float(rng.choice([0.2, 0.6, 1.0, 1.3]))
        else:
            expression = float(rng.choice([0, 0.1])) if style not in ('piano', 'duo') else float(rng.choice([0, 0.2, 0.7]))
    tempo = float(np.clip(tempo, 44, 205))
    transposition = int(rng.integers(-6, 6))
    for name in ('melody', 'accompaniment'):
        setattr(piece, name, [(b, l, p + transposition, v) for b, l, p, v in getattr(piece, name)])
    untransposed = piece.chords
    piece.chords = [(b, e, None if r is None else (r + transposition) % 12, q) for b, e, r, q in piece.chords]
    piece.chords = piece.chords or [(0, piece.beats, None, 'X')]
    parts = [p for p in arrange(rng, piece, style) if p[1]]
    piece.chords = untransposed
    times = beat_times(rng, piece, tempo, expression)
    spare = times[-1] - SECONDS
    shift = -float(rng.uniform(0, spare)) if spare > 0 and rng.random() < 0.7 else float(rng.uniform(0, 0.6)) if spare > -8 else 0.0
    font = FONTS[int(rng.choice(len(FONTS), p=[.45, .3, .25]))]
    tags = list(piece.tags) + [style, 'sf:' + os.path.basename(font)[:5], 'expr:%.2f' % expression] + ([os.path.basename(song)] if song else [])
    with tempfile.NamedTemporaryFile(suffix='.wav') as wav:
        jitter = float(rng.choice([0.0, 0.004, 0.008, 0.012]))
        synthesize(parts, times, shift, jitter, rng, font, wav.name, rng.random() < 0.6)
        x, rate = soundfile.read(wav.name, always_2d=True, dtype='float32')
    n = int(SECONDS * RATE)
    x = np.pad(x[:n], ((0, max(0, n - len(x))), (0, 0)))
    x, used = effects(x, rng)
    base = os.path.join(options.out, '%s_%05d' % (options.prefix, number))
    if rng.random() < 0.12:
        with tempfile.NamedTemporaryFile(suffix='.mp3') as mp3:
            soundfile.write(mp3.name, x, RATE, format='MP3')
            decoded, _ = soundfile.read(mp3.name, always_2d=True, dtype='float32')
            x = decoded[:n]
            used.append('mp3')
    soundfile.write(base + '.ogg', x.astype('float32'), RATE, format='OGG', subtype='VORBIS')
    g = truth(piece, times, shift, transposition, tags + ['fx:' + u for u in used])
    g = {'clip': os.path.basename(base) + '.ogg', **g, 'source': ('POP909-CL ' + os.path.basename(song)[:-4]) if song else 'composed'}
    with open(base + '.json.part', 'w') as file:
        json.dump(g, file)
    os.rename(base + '.json.part', base + '.json')


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('out'); a.add_argument('--midi', required=True); a.add_argument('--from', dest='first', type=int, default=0)
    a.add_argument('--count', type=int, default=100); a.add_argument('--seed', type=int, default=5); a.add_argument('--prefix', default='clip')
    a.add_argument('--songs', type=float, default=0.5, help='share of clips from songs; the rest is composed'); a.add_argument('--skip')
    options = a.parse_args()
    os.makedirs(options.out, exist_ok=True)
    skip = set(open(options.skip).read().split()) if options.skip else set()
    songs = [f for f in sorted(glob.glob(os.path.join(options.midi, '*.mid'))) if os.path.basename(f)[:3] not in skip]
    for number in range(options.first, options.first + options.count):
        if os.path.exists(os.path.join(options.out, '%s_%05d.json' % (options.prefix, number))):
            continue
        try:
            clip(number, options, songs)
        except Exception as error:  # one clip that cannot be made is no reason to make none
            print('clip %d: %s: %s' % (number, type(error).__name__, error), flush=True)


if __name__ == '__main__':
    main()
