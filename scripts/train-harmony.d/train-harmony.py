"""Trains the chord net, the transitions and the key head; cross-validates them by song; writes the weights.

    train-harmony.py FEATURES... --check       cross-validation by song, one line a fold
    train-harmony.py FEATURES... --out FILE    trains on everything and writes a safetensors file
"""
import argparse, os, time, zlib
import numpy as np
import torch
import harmony_key
import harmony_symbolic
import safetensors_file
from harmony_data import load
from harmony_decode import Costs, accuracy, decode, learn_transitions, reduce
from harmony_net import ChordNet, posteriors, train


def fold_of(song, folds):
    return zlib.crc32(song.encode()) % folds


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
    return [harmony_key.features(c.chroma, p, tables) for c, _, p in decoded]


def key_pairs(decoded, tables):
    keyed = [(c, r, p) for c, r, p in decoded if c.key is not None]
    return list(zip(key_inputs(keyed, tables), [c.key for c, _, _ in keyed]))


def written_pairs(written, tables, leave_out=lambda song: False):
    return [(harmony_key.features(chroma, path, tables), key) for song, chroma, path, key in written if not leave_out(song)]


def answers(net, inputs):
    with torch.no_grad():
        return net(torch.from_numpy(np.stack(inputs))).argmax(1).tolist()


def kept(options):
    if not options.keep or not os.path.exists(options.keep):
        return None
    net = ChordNet()
    net.load_state_dict(torch.load(options.keep))
    return net.eval()


def check(clips, written, extra, options):
    """Trains on all folds but one, for each fold."""
    costs = Costs()
    for fold in range(options.folds if options.only is None else 1):
        fold = fold if options.only is None else options.only
        inside = [c for c in clips if fold_of(c.song, options.folds) != fold]
        outside = [c for c in clips if fold_of(c.song, options.folds) == fold]
        started = time.time()

        def report(epoch, loss, net):
            if epoch % 4 == 3 or epoch == options.epochs - 1:
                value, _ = evaluate(net, outside[::3], costs)
                print(f"  epoch {epoch + 1} loss {loss:.3f} chords {value:.4f} {time.time() - started:.0f} s", flush=True)
        net = kept(options) or train(inside, options.epochs, options.seed, report=report)
        tables = learn_transitions(inside)
        if options.keep: torch.save(net.state_dict(), options.keep)
        _, known = evaluate(net, [c for c in inside if c.key is not None], costs)
        pairs = written_pairs(written, tables, lambda song: fold_of(song, options.folds) == fold)
        head = harmony_key.train(key_pairs(known, tables), pairs, options.seed)
        kinds = {"songs": lambda c: c.name[0].isdigit(), "composed": lambda c: c.name[0] == "c", "dance tunes": lambda c: c.name[0] == "f", "other renderings": lambda c: c.name[0] == "m"}
        measure(net, head, tables, outside, costs, f"fold {fold}")
        for kind, belongs in kinds.items():
            part = [c for c in outside if belongs(c)]
            if part: measure(net, head, tables, part, costs, f"  {kind}")
        if extra: measure(net, head, tables, extra, costs, "check")


def tensors(net, tables, head):
    """The model as the analyzer reads it: a convolution's weights are (frames under the kernel · inputs) × outputs."""
    result = {}

    def layer(name, module):
        weight = module.weight.detach().numpy()
        weight = weight.transpose(2, 1, 0).reshape(-1, weight.shape[0]) if weight.ndim == 3 else weight.T
        result[name + ".weight"] = weight.astype(np.float32)
        result[name + ".bias"] = np.zeros(weight.shape[1], np.float32) if module.bias is None else module.bias.detach().numpy()
    for index, convolution in enumerate(net.convolutions): layer(f"chord{index}", convolution)
    layer("chord_output", net.output)
    layer("key_hidden", head.hidden)
    layer("key_deeper", head.deeper)
    layer("key_direct", head.direct)
    layer("key_output", head.output)
    result["transitions"] = tables.astype(np.float16)
    return result


def export(clips, written, options):
    """Trains on all clips (or takes a net that is kept) and writes the weights."""
    net = kept(options)
    if net is None:
        net = train(clips, options.epochs, options.seed, report=lambda epoch, loss, _: print(f"  epoch {epoch + 1} loss {loss:.3f}", flush=True))
        if options.keep: torch.save(net.state_dict(), options.keep)
    tables = learn_transitions(clips).astype(np.float16).astype(np.float32)
    _, known = evaluate(net, [c for c in clips if c.key is not None], Costs())
    head = harmony_key.train(key_pairs(known, tables), written_pairs(written, tables), options.seed)
    safetensors_file.write(options.out, tensors(net, tables, head), {
        "script": "scripts/train-harmony", "seed": options.seed, "epochs": options.epochs, "clips": len(clips),
        "data": "POP909-CL songs 001-600 (MIT) but the development set's, and composed pieces; rendered with FluidSynth"})


def measure(net, head, tables, outside, costs, name):
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
    options.add_argument("--midi", help="folder of POP909-CL's MIDI files, for the key head's excerpts")
    options.add_argument("--leave-out", default="", help="song ids, separated by commas")
    options.add_argument("--excerpts", type=int, default=24, help="of each song")
    options.add_argument("--keep", help="where the net is kept; one that is there is taken and not trained again")
    options.add_argument("--out")
    options = options.parse_args()
    torch.set_num_threads(1)
    clips = load(options.features, options.truths)
    extra = load([options.against], options.against_truths) if options.against else []
    extra = [c for c in extra if c.chords]
    print(f"{len(clips)} clips, {sum(c.key is not None for c in clips)} with a key; {sum(p.numel() for p in ChordNet().parameters())} parameters", flush=True)
    written = harmony_symbolic.examples(options.midi, set(options.leave_out.split(",")), options.excerpts, options.seed) if options.midi else []
    if options.check:
        check(clips, written, extra, options)
    if options.out:
        export(clips, written, options)


if __name__ == "__main__":
    main()
