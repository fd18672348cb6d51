#!/usr/bin/env python3
"""Trains the classifier of the metrical level on what `mvfleet-features levels` wrote, and adds it to a model's file.

    train-levels.py --levels DIR --truth DIR[,DIR…] --model MODEL.safetensors --out OUT.safetensors [--seed 5]

A level is right as far as its beats are (F-measure, with the tempo's octave counting double). Cross-validation over songs first,
then the final fit on all."""
import argparse
import glob
import importlib.util
import json
import os
import zlib

import numpy as np
import torch

HIDDEN = 12


def f_measure(reference, estimate, window=0.07):
    i = j = hits = 0
    while i < len(reference) and j < len(estimate):
        d = estimate[j] - reference[i]
        if abs(d) <= window:
            hits += 1; i += 1; j += 1
        elif d < 0:
            j += 1
        else:
            i += 1
    return 2 * hits / max(1, len(reference) + len(estimate))


def load(options):
    clips = []
    for folder in options.truth.split(','):
        for path in sorted(glob.glob(os.path.join(folder, '*.json'))):
            name = os.path.basename(path)[:-5]
            if not os.path.exists(os.path.join(options.levels, name + '.json')):
                continue
            truth = json.load(open(path))
            levels = json.load(open(os.path.join(options.levels, name + '.json')))['levels']
            if len(levels) < 2 or len(truth['beats']) < 8:
                continue
            scores = np.array([f_measure(truth['beats'], l['beats']) for l in levels])
            octave = np.array([abs(np.log2(l['tempo'] / truth['tempo_bpm'])) < 0.07 for l in levels]) & (scores > 0.5)
            group = truth['source'] if truth['source'] != 'composed' else name
            clips.append((np.array([l['evidence'] for l in levels], 'f4'), scores, octave, zlib.crc32(group.encode()) % 8, truth['tags']))
    return clips


class Classifier(torch.nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.hidden = torch.nn.Linear(inputs, HIDDEN)
        self.output = torch.nn.Linear(HIDDEN, 1, bias=False)
        self.direct = torch.nn.Linear(inputs, 1, bias=False)

    def forward(self, x):
        return (self.output(torch.tanh(self.hidden(x))) + self.direct(x))[..., 0]


def fit(clips, seed, steps=400):
    torch.manual_seed(seed)
    every = np.concatenate([c[0] for c in clips])
    mean, scale = every.mean(0), 1 / (every.std(0) + 1e-3)
    widest = max(len(c[0]) for c in clips)
    x = np.zeros((len(clips), widest, every.shape[1]), 'f4')
    mask = np.full((len(clips), widest), -1e9, 'f4')
    want = np.zeros((len(clips), widest), 'f4')
    for k, (evidence, scores, octave, _, _) in enumerate(clips):
        n = len(evidence)
        x[k, :n] = (evidence - mean) * scale
        mask[k, :n] = 0
        value = scores + octave
        want[k, :n] = np.exp(10 * (value - value.max()))
        want[k] /= want[k].sum()
    x, mask, want = map(torch.tensor, (x, mask, want))
    net = Classifier(every.shape[1])
    torch.nn.init.zeros_(net.direct.weight)
    optimizer = torch.optim.AdamW(net.parameters(), 0.01, weight_decay=0.1)
    for _ in range(steps):
        noisy = x + 0.1 * torch.randn_like(x)
        loss = -(want * torch.log_softmax(net(noisy) + mask, 1)).sum(1).mean()
        optimizer.zero_grad(); loss.backward(); optimizer.step()
    return net, mean, scale, float(loss.detach())


def judge(net, mean, scale, clips):
    result = []
    with torch.no_grad():
        for evidence, scores, octave, _, _ in clips:
            k = int(net(torch.tensor((evidence - mean) * scale)).argmax())
            result.append((scores[k], octave[k], scores.max(), octave.any()))
    return np.array(result, float)


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--levels', required=True); a.add_argument('--truth', required=True); a.add_argument('--model', required=True)
    a.add_argument('--out', required=True); a.add_argument('--seed', type=int, default=5); a.add_argument('--held', action='store_true', help='report the network\'s own held-out fold apart')
    options = a.parse_args()
    torch.set_num_threads(1)
    clips = load(options)
    parts = []
    for fold in range(8):
        net, mean, scale, _ = fit([c for c in clips if c[3] != fold], options.seed)
        parts.append(judge(net, mean, scale, [c for c in clips if c[3] == fold]))
    every = np.concatenate(parts)
    print('%d clips, cross-validated: beat F %.3f, tempo %.3f (best level: %.3f, %.3f); fold 0: %s' % (len(clips), *every.mean(0), np.round(parts[0].mean(0), 3)))
    net, mean, scale, loss = fit(clips, options.seed)
    print('final loss %.3f' % loss)
    raw = open(options.model, 'rb').read()
    length = int.from_bytes(raw[:8], 'little')
    header = json.loads(raw[8:8 + length])
    data = raw[8 + length:]
    tensors = {}
    for name, entry in header.items():
        if name != '__metadata__' and not name.startswith('level.'):
            begin, end = entry['data_offsets']
            tensors[name] = np.frombuffer(data[begin:end], '<f4' if entry['dtype'] == 'F32' else '<f2').reshape(entry['shape'])
    tensors['level.mean'], tensors['level.scale'] = mean, scale
    tensors['level.hidden.weight'] = net.hidden.weight.detach().numpy().T
    tensors['level.hidden.bias'] = net.hidden.bias.detach().numpy()
    tensors['level.output.weight'] = np.concatenate([net.output.weight.detach().numpy()[0], net.direct.weight.detach().numpy()[0]])
    spec = importlib.util.spec_from_file_location('rhythm', os.path.join(os.path.dirname(os.path.abspath(__file__)), 'train-rhythm.py'))
    rhythm = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(rhythm)
    rhythm.write_safetensors(tensors, options.out, {**header.get('__metadata__', {}), 'levels': '%d clips, seed %d' % (len(clips), options.seed)})


if __name__ == '__main__':
    main()
