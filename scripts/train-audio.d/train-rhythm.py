#!/usr/bin/env python3
"""Trains the beat and downbeat network on features that `mvfleet-features rhythm` wrote and the clips' truth.

    train-rhythm.py --features DIR --truth DIR[,DIR…] --out MODEL.safetensors [--epochs 25] [--seed 5] [--init CHECKPOINT]

A temporal convolutional network (Davies & Böck, EUSIPCO 2019): 50 frames a second, eight dilated layers that reach 10 s
both ways. Clips of every eighth song are kept out and measured after each epoch."""
import argparse
import glob
import json
import os
import time
import zlib

import numpy as np
import torch
from torch import nn

RATE, CHANNELS, KERNEL, LAYERS, TEMPI = 50, 32, 5, 8, 64
SLOWEST, FASTEST = 40.0, 250.0


class BeatNet(nn.Module):
    def __init__(self, columns):
        super().__init__()
        self.register_buffer('mean', torch.zeros(columns))
        self.register_buffer('scale', torch.ones(columns))
        self.input = nn.Conv1d(columns, CHANNELS, 3, padding=1)
        self.layers = nn.ModuleList(nn.Conv1d(CHANNELS, CHANNELS, KERNEL, dilation=2 ** k, padding=2 ** k * (KERNEL // 2)) for k in range(LAYERS))
        self.output = nn.Conv1d(CHANNELS, 2, 1)
        self.tempo_hidden = nn.Linear(CHANNELS, 32)
        self.tempo = nn.Linear(32, TEMPI)
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        """batch × frames × columns -> logits of beat and downbeat (batch × 2 × frames), of the tempo (batch × TEMPI)"""
        h = nn.functional.elu(self.input(((x - self.mean) * self.scale).transpose(1, 2)))
        for layer in self.layers:
            h = h + self.drop(nn.functional.elu(layer(h)))
        h = nn.functional.elu(h)
        pooled = h.mean(2)
        return self.output(h), self.tempo(self.drop(nn.functional.elu(self.tempo_hidden(pooled))))


def bars_are_sure(truth):
    """POP909-CL's bars begin with the file, not always with the music: where nothing but the harmony tells bars (no drums), and it
    changes elsewhere, the truth would teach chance."""
    if 'pop909cl' not in truth['tags'] or not {'piano', 'duo', 'ensemble'} & set(truth['tags']):
        return True
    beats, downbeats, n = np.array(truth['beats']), np.array(truth['downbeats']), truth['beats_per_bar']
    if len(downbeats) < 2:
        return False
    first, changes = int(np.argmin(abs(beats - downbeats[0]))), np.zeros(n)
    for chord in truth['chords'][1:]:
        k = int(np.argmin(abs(beats - chord['start'])))
        if abs(beats[k] - chord['start']) < 0.1:
            changes[(k - first) % n] += min(2.5, chord['end'] - chord['start'])
    return changes[0] >= changes.max()


def targets(truth, frames):
    y = np.zeros((2, frames), 'f4')
    for row, times in enumerate((truth['beats'], truth['downbeats'])):
        for t in times:
            k = int(round(t * RATE))
            for offset, value in ((0, 1.0), (-1, 0.4), (1, 0.4)):
                if 0 <= k + offset < frames:
                    y[row, k + offset] = max(y[row, k + offset], value)
    place = np.log(truth['tempo_bpm'] / SLOWEST) / np.log(FASTEST / SLOWEST) * (TEMPI - 1)
    tempo = np.exp(-0.5 * ((np.arange(TEMPI) - place) / 0.8) ** 2)
    return y, (tempo / tempo.sum()).astype('f4')


def load(options):
    clips = []
    for folder in options.truth.split(','):
        for path in sorted(glob.glob(os.path.join(folder, '*.json'))):
            name = os.path.basename(path)[:-5]
            feature = os.path.join(options.features, name + '.npy')
            if not os.path.exists(feature):
                continue
            truth = json.load(open(path))
            if len(truth['beats']) < 8:
                continue
            x = np.load(feature).astype('f2')
            group = truth['source'] if truth['source'] != 'composed' else name
            y, tempo = targets(truth, len(x))
            if not bars_are_sure(truth):
                y[1] = -1
            clips.append((x, y, tempo, zlib.crc32(group.encode()) % 8 == options.fold, truth))
    return clips


def peaks_f(activation, beats):
    """F-measure of plain peaks over 0.3: a yardstick for the network without a decoder."""
    a = activation
    picks = [i / RATE for i in range(1, len(a) - 1) if a[i] > 0.3 and a[i] >= a[i - 1] and a[i] > a[i + 1]]
    hits, used = 0, set()
    for t in beats:
        near = [(abs(p - t), k) for k, p in enumerate(picks) if abs(p - t) <= 0.07 and k not in used]
        if near:
            used.add(min(near)[1])
            hits += 1
    return 2 * hits / max(1, len(beats) + len(picks))


def evaluate(net, clips):
    net.eval()
    scores = []
    with torch.no_grad():
        for x, y, tempo, _, truth in clips:
            logits, t = net(torch.tensor(x.astype('f4'))[None])
            p = torch.sigmoid(logits)[0].numpy()
            got = SLOWEST * (FASTEST / SLOWEST) ** (int(t[0].argmax()) / (TEMPI - 1))
            scores.append((peaks_f(p[0], truth['beats']), peaks_f(p[1], truth['downbeats']), abs(np.log2(got / truth['tempo_bpm'])) < 0.08,
                           float(nn.functional.binary_cross_entropy_with_logits(logits[0], torch.tensor(y).clamp(min=0)))))
    return np.mean(scores, axis=0) if scores else np.zeros(4)


def export(net, path, options, note):
    """A safetensors file, half precision; convolutions as (kernel · in) × out, the way that frames are laid side by side."""
    tensors = {'mean': net.mean, 'scale': net.scale}
    for name, layer in [('input', net.input)] + [('layer%d' % k, l) for k, l in enumerate(net.layers)] + [('output', net.output)]:
        w = layer.weight.detach()
        tensors[name + '.weight'] = w.permute(2, 1, 0).reshape(-1, w.shape[0])
        tensors[name + '.bias'] = layer.bias.detach()
    for name, layer in (('tempo_hidden', net.tempo_hidden), ('tempo', net.tempo)):
        tensors[name + '.weight'] = layer.weight.detach().T
        tensors[name + '.bias'] = layer.bias.detach()
    write_safetensors({k: v.contiguous().numpy() for k, v in tensors.items()}, path, note)


def write_safetensors(tensors, path, note):
    header, data = {'__metadata__': note}, b''
    for name, values in tensors.items():
        raw = np.ascontiguousarray(values, dtype='<f4' if name in ('mean', 'scale') or name.startswith('level') else '<f2').tobytes()
        kind = 'F32' if name in ('mean', 'scale') or name.startswith('level') else 'F16'
        header[name] = {'dtype': kind, 'shape': list(values.shape), 'data_offsets': [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path + '.part', 'wb') as file:
        file.write(len(text).to_bytes(8, 'little') + text + data)
    os.rename(path + '.part', path)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--features', required=True); a.add_argument('--truth', required=True); a.add_argument('--out', required=True)
    a.add_argument('--epochs', type=int, default=25); a.add_argument('--seed', type=int, default=5); a.add_argument('--fold', type=int, default=0)
    a.add_argument('--init'); a.add_argument('--rate', type=float, default=2.5e-3); a.add_argument('--batch', type=int, default=8)
    options = a.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    clips = load(options)
    train, held = [c for c in clips if not c[3]], [c for c in clips if c[3]]
    columns = clips[0][0].shape[1]
    net = BeatNet(columns)
    if options.init:
        net.load_state_dict(torch.load(options.init))
    else:
        sample = np.concatenate([c[0][::5].astype('f4') for c in train])
        net.mean.copy_(torch.tensor(sample.mean(0)))
        net.scale.copy_(torch.tensor(1 / (sample.std(0) + 1e-3)))
    print('%d clips to train on, %d held out, %d parameters' % (len(train), len(held), sum(p.numel() for p in net.parameters())), flush=True)
    # every mask and gain below is on standardised columns, so in units of their deviation
    optimizer = torch.optim.AdamW(net.parameters(), options.rate, weight_decay=1e-4)
    steps = options.epochs * (len(train) // options.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.rate, total_steps=max(steps, 2), pct_start=0.1)
    deviation = 1 / net.scale
    bands = (columns - 8) // 4
    for epoch in range(options.epochs):
        began, losses = time.time(), []
        net.train()
        order = rng.permutation(len(train))
        for first in range(0, len(order) - options.batch + 1, options.batch):
            length = 1300
            xs, ys, ts = [], [], []
            for index in order[first:first + options.batch]:
                x, y, tempo, _, _ = train[index]
                start = int(rng.integers(0, max(1, len(x) - length + 1)))
                xs.append(x[start:start + length].astype('f4')); ys.append(y[:, start:start + length]); ts.append(tempo)
            x, y, t = torch.tensor(np.stack(xs)), torch.tensor(np.stack(ys)), torch.tensor(np.stack(ts))
            # other loudness and colour: a smooth curve over the bands, on levels; weaker or stronger rises; a few bands dropped
            curve = np.interp(np.arange(bands), np.linspace(0, bands - 1, 5), rng.normal(0, 0.25, 5)).astype('f4')
            tilt = torch.zeros(columns); tilt[:bands] = torch.tensor(curve); tilt[2 * bands:3 * bands] = tilt[:bands]
            x = x + tilt * deviation
            x[:, :, bands:2 * bands] *= float(np.exp(rng.normal(0, 0.25))); x[:, :, 3 * bands:4 * bands] *= float(np.exp(rng.normal(0, 0.25)))
            if rng.random() < 0.4:
                low = int(rng.integers(0, bands - 3)); width = int(rng.integers(1, 8))
                for k in range(4):
                    x[:, :, k * bands + low:k * bands + min(low + width, bands)] = net.mean[k * bands + low:k * bands + min(low + width, bands)]
            if rng.random() < 0.15:
                x[:, :, 4 * bands:] = net.mean[4 * bands:]
            logits, tempo = net(x)
            each = nn.functional.binary_cross_entropy_with_logits(logits, y.clamp(min=0), pos_weight=torch.tensor([[2.0], [3.0]]), reduction='none')
            loss = (each * (y >= 0)).mean() \
                - 0.03 * (t * torch.log_softmax(tempo, 1)).sum(1).mean()
            optimizer.zero_grad(); loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step(); schedule.step(); losses.append(float(loss.detach()))
        beat, down, tempo, held_loss = evaluate(net, held) if epoch % 3 == 2 or epoch == options.epochs - 1 else (0, 0, 0, 0)
        print('epoch %2d loss %.4f held out: beat %.3f downbeat %.3f tempo %.3f loss %.4f (%.0f s)'
              % (epoch, np.mean(losses), beat, down, tempo, held_loss, time.time() - began), flush=True)
        torch.save(net.state_dict(), options.out + '.checkpoint')
        net.eval()
        export(net, options.out, options, {'seed': str(options.seed), 'epochs': str(epoch + 1), 'clips': str(len(train)), 'script': 'scripts/train-audio.d/train-rhythm.py'})


if __name__ == '__main__':
    main()
