#!/usr/bin/env python3
"""What PyTorch computes with a model's file for an input that is made by rule: the Swift network must compute the same.

    parity.py MODEL.safetensors OUT.json

Row r, column c of the input: 0.5 + 0.5 · sin(0.37 · r · (c mod 7 + 1) + c)."""
import importlib.util
import json
import os
import sys

import numpy as np
import torch

spec = importlib.util.spec_from_file_location('rhythm', os.path.join(os.path.dirname(os.path.abspath(__file__)), 'train-rhythm.py'))
rhythm = importlib.util.module_from_spec(spec)
spec.loader.exec_module(rhythm)
ROWS = 48

raw = open(sys.argv[1], 'rb').read()
length = int.from_bytes(raw[:8], 'little')
header, data = json.loads(raw[8:8 + length]), raw[8 + length:]


def tensor(name):
    entry = header[name]
    begin, end = entry['data_offsets']
    return torch.tensor(np.frombuffer(data[begin:end], '<f4' if entry['dtype'] == 'F32' else '<f2').astype('f4').reshape(entry['shape']))


net = rhythm.BeatNet(len(tensor('mean')))
net.mean.copy_(tensor('mean')); net.scale.copy_(tensor('scale'))
with torch.no_grad():
    for name, layer in [('input', net.input)] + [('layer%d' % k, l) for k, l in enumerate(net.layers)] + [('output', net.output)]:
        out, inputs, kernel = layer.weight.shape
        layer.weight.copy_(tensor(name + '.weight').reshape(kernel, inputs, out).permute(2, 1, 0)); layer.bias.copy_(tensor(name + '.bias'))
    for name, layer in (('tempo_hidden', net.tempo_hidden), ('tempo', net.tempo)):
        layer.weight.copy_(tensor(name + '.weight').T); layer.bias.copy_(tensor(name + '.bias'))
    net.eval()
    r, c = np.arange(ROWS)[:, None], np.arange(len(net.mean))[None]
    x = torch.tensor((0.5 + 0.5 * np.sin(0.37 * r * (c % 7 + 1) + c)).astype('f4'))[None]
    logits, tempo = net(x)
    p = torch.sigmoid(logits)[0].numpy()
    t = torch.log_softmax(tempo, 1)[0].numpy()
with open(sys.argv[2], 'w') as file:
    json.dump({'beat': [round(float(v), 6) for v in p[0]], 'downbeat': [round(float(v), 6) for v in p[1]], 'tempo': [round(float(v), 5) for v in t]}, file)
    file.write('\n')
