"""The chord network: the same small convolutional net asks of every root what chord stands on it."""
import numpy as np
import torch
from torch import nn
from harmony_data import CHANNELS
from harmony_music import QUALITIES

# Kernel width and spacing of the convolutions over time: 13 frames each way, 1.2 s.
LAYERS = ((3, 1), (5, 2), (5, 4))
HIDDEN = 32


class ChordNet(nn.Module):
    def __init__(self, hidden=HIDDEN):
        super().__init__()
        sizes = [CHANNELS] + [hidden] * len(LAYERS)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(a, b, kernel, dilation=spacing, padding=spacing * (kernel // 2))
            for a, b, (kernel, spacing) in zip(sizes, sizes[1:], LAYERS))
        # The last output speaks for "no chord"; it is averaged over the roots.
        self.output = nn.Conv1d(hidden, len(QUALITIES) + 1, 1)
        self.dropout = nn.Dropout(0.1)

    def forward(self, chroma):
        """clips × frames × 48 → log-probabilities, clips × frames × states (quality-major, then no chord)."""
        clips, frames, _ = chroma.shape
        registers = chroma.reshape(clips, frames, -1, 12)
        turned = torch.stack([registers.roll(-root, 3) for root in range(12)], 1)
        x = turned.reshape(clips * 12, frames, CHANNELS).transpose(1, 2)
        for index, convolution in enumerate(self.convolutions):
            y = torch.relu(convolution(x))
            x = self.dropout(x + y if index else y)
        x = self.output(x).reshape(clips, 12, len(QUALITIES) + 1, frames).permute(0, 3, 2, 1)
        chords = x[:, :, :-1].reshape(clips, frames, -1)
        return torch.log_softmax(torch.cat([chords, x[:, :, -1].mean(2, keepdim=True)], 2), 2)


def train(clips, epochs, seed, hidden=HIDDEN, report=None, length=160, batch=24):
    """A net trained on random stretches of the clips, learning rate on a half cosine."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = ChordNet(hidden)
    optimiser = torch.optim.AdamW(net.parameters(), 4e-3, weight_decay=1e-3)
    steps = epochs * (len(clips) * 2 // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=max(steps, 2), pct_start=0.15)
    for epoch in range(epochs):
        net.train()
        order = np.concatenate([rng.permutation(len(clips)) for _ in range(2)])
        losses = []
        for first in range(0, len(order) - batch + 1, batch):
            x = np.zeros((batch, length, CHANNELS), np.float32)
            y = np.full((batch, length), -1)
            for row, index in enumerate(order[first:first + batch]):
                clip = clips[index]
                start = rng.integers(0, max(1, len(clip.chroma) - length + 1))
                part = clip.chroma[start:start + length]
                # Registers are now and then louder or fainter: nets must not learn one balance of instruments.
                gains = np.repeat(np.exp(rng.normal(0, 0.35, 4)), 12).astype(np.float32)
                x[row, :len(part)] = part * gains * np.exp(rng.normal(0, 0.15))
                y[row, :len(part)] = clip.states[start:start + length]
            target = torch.from_numpy(y)
            logs = net(torch.from_numpy(x))
            loss = nn.functional.nll_loss(logs.reshape(-1, logs.shape[2]), target.reshape(-1), ignore_index=-1)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
        if report:
            report(epoch, float(np.mean(losses)), net)
    net.eval()
    return net


@torch.no_grad()
def posteriors(net, clip):
    """frames × states, log-probabilities."""
    net.eval()
    return net(torch.from_numpy(clip.chroma.astype(np.float32))[None])[0].numpy()
