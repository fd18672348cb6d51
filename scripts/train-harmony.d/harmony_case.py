"""Writes the case that the tests compare: PyTorch's answers of the committed weights to ten frames of chroma and a path.

    harmony_case.py Sources/CWeights/harmony.safetensors Tests/MusicAnalysisTests/Cases/harmony.safetensors"""
import sys
import numpy as np
import torch
import harmony_key
import safetensors_file
from harmony_data import CHANNELS
from harmony_decode import NONE
from harmony_net import ChordNet, LAYERS

FRAMES = 10


def nets(path):
    """The nets and the transitions of a weights file."""
    weights = {name: torch.from_numpy(values) for name, values in safetensors_file.read(path).items()}
    chords, key = ChordNet(), harmony_key.KeyNet(len(weights["key_hidden.bias"]))
    with torch.no_grad():
        for index, convolution in enumerate(chords.convolutions):
            weight = weights[f"chord{index}.weight"]
            convolution.weight.copy_(weight.reshape(LAYERS[index][0], -1, weight.shape[1]).permute(2, 1, 0))
            convolution.bias.copy_(weights[f"chord{index}.bias"])
        chords.output.weight.copy_(weights["chord_output.weight"].T[:, :, None])
        chords.output.bias.copy_(weights["chord_output.bias"])
        for name in ("hidden", "deeper", "direct", "output"):
            module = getattr(key, name)
            module.weight.copy_(weights[f"key_{name}.weight"].T)
            if module.bias is not None: module.bias.copy_(weights[f"key_{name}.bias"])
    return chords.eval(), key.eval(), weights["transitions"].numpy()


@torch.no_grad()
def main(weights, case):
    chords, key, transitions = nets(weights)
    rng = np.random.default_rng(1)
    chroma = (rng.random((FRAMES, CHANNELS)) ** 3).astype(np.float16).astype(np.float32)
    chroma /= 4
    path = np.array([0, 0, 0, 21, 21, NONE, 5, 5, 31, 0])
    inputs = harmony_key.features(chroma, path, transitions)
    safetensors_file.write(case, {
        "chroma": chroma, "chords": chords(torch.from_numpy(chroma)[None])[0].numpy(), "path": path.astype(np.float32),
        "keys": torch.softmax(key(torch.from_numpy(inputs)[None]), 1)[0].numpy()}, {"script": "scripts/train-harmony.d/harmony_case.py"})


if __name__ == "__main__":
    main(*sys.argv[1:])
