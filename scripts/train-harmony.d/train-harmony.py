"""Trains the chord net, the transitions and the key head; cross-validates them by song; writes the weights.

    train-harmony.py FEATURES... --check       cross-validation by song, one line a fold
    train-harmony.py FEATURES... --out FILE    trains on everything and writes a safetensors file
"""
import argparse, time, zlib
import numpy as np
import torch
import harmony_key
from harmony_data import load
from harmony_decode import Costs, accuracy, decode, learn_transitions, reduce
from harmony_net import ChordNet, posteriors, train


def fold_of(clip, folds):
    return zlib.crc32(clip.song.encode()) % folds


def evaluate(net, clips, costs, tables=None):
    """Mean accuracy of the decoded chords over clips; and what was decoded."""
    scores, decoded = [], []
    for clip in clips:
        reduced = reduce(posteriors(net, clip))
        path = decode(reduced.copy(), clip, costs)
        decoded.append((clip, reduced, path))
        scores.append(accuracy(path, clip))
    return float(np.mean([s for s in scores if s is not None])), decoded


def key_inputs(decoded, tables):
    return [harmony_key.features(c.chroma, r, p, tables) for c, r, p in decoded]


def answers(net, inputs):
    with torch.no_grad():
        return net(torch.from_numpy(np.stack(inputs))).argmax(1).tolist()


def check(clips, extra, options):
    """Trains on all folds but one, for each fold."""
    costs = Costs()
    for fold in range(options.folds if options.only is None else 1):
        fold = fold if options.only is None else options.only
        inside = [c for c in clips if fold_of(c, options.folds) != fold]
        outside = [c for c in clips if fold_of(c, options.folds) == fold]
        started = time.time()

        def report(epoch, loss, net):
            if epoch % 4 == 3 or epoch == options.epochs - 1:
                value, _ = evaluate(net, outside[::3], costs)
                print(f"  epoch {epoch + 1} loss {loss:.3f} chords {value:.4f} {time.time() - started:.0f} s", flush=True)
        net = train(inside, options.epochs, options.seed, report=report)
        tables = learn_transitions(inside)
        if options.keep: torch.save(net.state_dict(), options.keep)
        measure(net, tables, inside, outside, costs, f"fold {fold}")
        if extra:
            measure(net, tables, inside, extra, costs, "check")


def measure(net, tables, inside, outside, costs, name):
    _, known = evaluate(net, [c for c in inside if c.key is not None], costs)
    head = harmony_key.train(key_inputs(known, tables), [c.key for c, _, _ in known], 0)
    first, decoded = evaluate(net, outside, costs)
    inputs = key_inputs(decoded, tables)
    heard = answers(head, inputs)
    keyed = [harmony_key.weighted_score(c.key, k) for (c, _, _), k in zip(decoded, heard) if c.key is not None]
    second = [accuracy(decode(r.copy(), c, costs, k, tables), c) for (c, r, _), k in zip(decoded, heard)]
    print(f"{name}: {len(outside)} clips: chords {first:.4f}, in key {np.mean([s for s in second if s is not None]):.4f}, key {np.mean(keyed):.4f} of {len(keyed)}", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("features", nargs="+")
    options.add_argument("--truths", default="", help="folder of truths, where they do not lie beside the features")
    options.add_argument("--check", action="store_true")
    options.add_argument("--against", help="features of clips to be looked at as a check, never trained on")
    options.add_argument("--against-truths", default="")
    options.add_argument("--folds", type=int, default=4)
    options.add_argument("--only", type=int)
    options.add_argument("--epochs", type=int, default=24)
    options.add_argument("--seed", type=int, default=5)
    options.add_argument("--keep")
    options.add_argument("--out")
    options = options.parse_args()
    torch.set_num_threads(1)
    clips = load(options.features, options.truths)
    extra = load([options.against], options.against_truths) if options.against else []
    extra = [c for c in extra if c.chords]
    print(f"{len(clips)} clips, {sum(c.key is not None for c in clips)} with a key; {sum(p.numel() for p in ChordNet().parameters())} parameters", flush=True)
    if options.check:
        check(clips, extra, options)


if __name__ == "__main__":
    main()
