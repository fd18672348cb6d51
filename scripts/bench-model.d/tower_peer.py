"""Measures ImageBind's audio tower in torch at its published size (86 M parameters, random weights): CPU seconds of the three clips of a recording. One thread.

    tower_peer.py --type f32|bf16 [--clips 3 --repeats 3]

Girdhar et al. 2023 (arXiv 2305.05665), written out so that ImageBind's sources are not needed.
"""
import argparse
import json
import time

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.attention = nn.MultiheadAttention(width, heads, bias=True, add_bias_kv=True)
        self.before, self.between = nn.LayerNorm(width, eps=1e-6), nn.LayerNorm(width, eps=1e-6)
        self.widen, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        y = self.before(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.narrow(nn.functional.gelu(self.widen(self.between(x))))


class AudioTower(nn.Module):
    def __init__(self, width=768, blocks=12, heads=12, outputs=1024):
        super().__init__()
        self.patches, self.norm = nn.Conv2d(1, width, 16, 10, bias=False), nn.LayerNorm(width)
        self.first, self.positions = nn.Parameter(torch.zeros(1, 1, width)), nn.Parameter(torch.randn(1, 229, width))
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.last, self.head = nn.LayerNorm(width, eps=1e-6), nn.Linear(width, outputs, bias=False)

    def forward(self, spectra):
        x = self.norm(self.patches(spectra).flatten(2).transpose(1, 2))
        x = (torch.cat([self.first.expand(len(x), -1, -1), x], 1) + self.positions).transpose(0, 1)
        for block in self.blocks:
            x = block(x)
        return 20 * nn.functional.normalize(self.head(self.last(x.transpose(0, 1))[:, 0]), dim=-1)


@torch.inference_mode()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--type", choices=("f32", "bf16"), required=True)
    for name, value in (("clips", 3), ("repeats", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    kind = {"f32": torch.float32, "bf16": torch.bfloat16}[given.type]
    tower, spectra = AudioTower().eval().to(kind), torch.randn(given.clips, 1, 128, 204).to(kind)
    best = float("inf")
    for _ in range(given.repeats + 1):
        start = time.process_time()
        tower(spectra)
        best = min(best, time.process_time() - start)
    print(json.dumps({"seconds": best, "parameters": sum(parameter.numel() for parameter in tower.parameters()), "version": torch.__version__}))


if __name__ == "__main__":
    main()
