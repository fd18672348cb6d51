"""The key head: one small net asks of every tonic how well the clip's notes and chords fit it, as major and as minor."""
import numpy as np
import torch
from torch import nn
from harmony_data import FRAME_SECONDS
from harmony_decode import NONE, turned

EDGE = int(round(2.5 / FRAME_SECONDS))
# Registers (48); shares of major, minor, diminished chords (36); the same of the first and the last chords, major and minor (48).
INPUTS = 48 + 36 + 24 + 24
HIDDEN = 32
MEMBERS = 3


def pitch_rows(chroma, path):
    """rows × 12: what is turned to each tonic."""
    mean = chroma.astype(np.float32).mean(0)
    mean = mean / (np.linalg.norm(mean) + 1e-6)
    shares = np.bincount(path, minlength=NONE + 1).astype(np.float32)
    shares = shares[:36] / max(1.0, shares[:NONE].sum())
    sounding = np.flatnonzero(path != NONE)
    edges = []
    for part in (sounding[:EDGE], sounding[-EDGE:]):
        counts = np.bincount(path[part], minlength=NONE + 1)[:24].astype(np.float32)
        edges.append(counts / max(1, len(part)))
    return np.concatenate([mean, shares, *edges]).reshape(-1, 12).astype(np.float32)


def sequence_scores(path, tables):
    """Mean log-probability of the chord changes in each of the 24 keys, and of how it differs from the mean key."""
    states = [int(s) for i, s in enumerate(path) if i == 0 or s != path[i - 1]]
    if len(states) < 2:
        return np.zeros(24, np.float32)
    a, b = np.array(states[:-1]), np.array(states[1:])
    scores = np.array([turned(tables[k // 12], k % 12)[a, b].mean() for k in range(24)])
    return (scores - scores.mean()).astype(np.float32)


def features(chroma, path, tables):
    """12 × (INPUTS + 2), one row a tonic."""
    rows = pitch_rows(chroma, path)
    scores = sequence_scores(path, tables)
    return np.stack([np.concatenate([np.roll(rows, -tonic, 1).ravel(), [scores[tonic], scores[12 + tonic]]]) for tonic in range(12)]).astype(np.float32)


class KeyNet(nn.Module):
    def __init__(self, hidden=HIDDEN):
        super().__init__()
        self.direct = nn.Linear(INPUTS + 2, 2)
        self.hidden = nn.Linear(INPUTS + 2, hidden)
        self.deeper = nn.Linear(hidden, hidden)
        self.output = nn.Linear(hidden, 2, bias=False)
        self.dropout = nn.Dropout(0.4)

    def forward(self, x):
        """clips × 12 × inputs → logits, clips × 24 (major keys from C, then minor)."""
        y = torch.relu(self.hidden(x))
        y = y + torch.relu(self.deeper(self.dropout(y)))
        y = self.direct(x) + self.output(self.dropout(y))
        return y.permute(0, 2, 1).reshape(len(x), 24)


def together(nets):
    """One net whose logits are the mean of several nets': their hidden units side by side."""
    result = KeyNet(HIDDEN * len(nets))
    with torch.no_grad():
        result.direct.weight.copy_(torch.stack([n.direct.weight for n in nets]).mean(0))
        result.direct.bias.copy_(torch.stack([n.direct.bias for n in nets]).mean(0))
        result.hidden.weight.copy_(torch.cat([n.hidden.weight for n in nets]))
        result.hidden.bias.copy_(torch.cat([n.hidden.bias for n in nets]))
        result.deeper.weight.copy_(torch.block_diag(*[n.deeper.weight for n in nets]))
        result.deeper.bias.copy_(torch.cat([n.deeper.bias for n in nets]))
        result.output.weight.copy_(torch.cat([n.output.weight for n in nets], 1) / len(nets))
    return result.eval()


def train(heard, written, seed, members=MEMBERS, **options):
    """Several heads, which differ in their seeds, as one: their mean is right more often than any of them."""
    return together([train_one(heard, written, seed + member, **options) for member in range(members)])


def train_one(heard, written, seed, epochs=24, batch=128, decay=0.1, rate=4e-3):
    """A head for (inputs, key) pairs: `heard` of rendered clips, `written` of excerpts that were never rendered, whose chroma is no
    sound's and is left out half of the time. Half of every batch is heard."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    sets = [(torch.from_numpy(np.stack([x for x, _ in part])), torch.tensor([k for _, k in part])) for part in (heard, written) if part]
    net = KeyNet()
    steps = epochs * max(1, sum(len(y) for _, y in sets) // batch)
    optimiser = torch.optim.AdamW(net.parameters(), rate, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps)
    for _ in range(steps):
        rows, keys = [], []
        for index, (x, y) in enumerate(sets):
            chosen = torch.from_numpy(rng.integers(0, len(y), batch // len(sets)))
            part = x[chosen]
            silent = torch.from_numpy(rng.random(len(part)) < (0.5 if index else 0.15))
            part[silent, :, :48] = 0
            rows.append(part)
            keys.append(y[chosen])
        loss = nn.functional.cross_entropy(net(torch.cat(rows)), torch.cat(keys), label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    net.eval()
    return net


def weighted_score(truth, answer):
    """MIREX: exact 1, fifth ½, relative 0.3, parallel 0.2."""
    if truth == answer: return 1.0
    (t, m), (a, n) = divmod(truth, 12)[::-1], divmod(answer, 12)[::-1]
    if m == n and (a - t) % 12 == 7: return 0.5
    if m != n and (a - t) % 12 == (9 if m == 0 else 3): return 0.3
    if m != n and a == t: return 0.2
    return 0.0
