"""The table at the end."""
TASKS = {"prefill": "prefill", "decode": "decode", "batch": "batch of 8"}


def columns(rows):
    """Rows of text, the first of them the heading: the first two columns aligned to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) if column < 2 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def best(samples, row, who, key, choose):
    """The best figure of somebody, and the format that it was in; None without one."""
    figures = [(sample[key], sample["format"]) for sample in samples if sample["row"] == row and sample["who"] == who and key in sample]
    return choose(figures) if figures else None


def cell(figure, named=False):
    if figure is None:
        return "–"
    text = f"{figure[0]:.2f}" if figure[0] < 10 else f"{figure[0]:.0f}"
    return f"{text} ({figure[1]})" if named else text


def render(samples):
    """A row for each class and task: everybody's best, and mvfleet's ratio to llama.cpp (to torch, where that is the peer); above 1 is faster."""
    rows, tower = [["class", "tokens per CPU second", "mvfleet", "llama.cpp", "transformers", "ratio"]], [["tower", "CPU seconds, 3 clips", "mvfleet", "torch", "ratio"]]
    for name in dict.fromkeys(sample["row"] for sample in samples):
        if name.startswith("tower "):
            own, peer = best(samples, name, "mvfleet", "seconds", min), best(samples, name, "torch", "seconds", min)
            tower.append([name.removeprefix("tower "), "", cell(own), cell(peer), f"{peer[0] / own[0]:.2f} ×" if own and peer else "–"])
            continue
        for key, task in TASKS.items():
            own, llamacpp, torch = (best(samples, name, who, key, max) for who in ("mvfleet", "llama.cpp", "torch"))
            rows.append([name, task, cell(own), cell(llamacpp, True), cell(torch), f"{own[0] / llamacpp[0]:.2f} ×" if own and llamacpp else "–"])
    return "\n\n".join(columns(part) for part in (rows, tower) if len(part) > 1)


def self_test():
    text = render([
        {"row": "bf16", "who": "mvfleet", "format": "bf16", "prefill": 900.0, "decode": 100.0, "batch": 5.0},
        {"row": "bf16", "who": "mvfleet", "format": "bf16", "prefill": 1000.0, "decode": 90.0, "batch": 4.0},
        {"row": "bf16", "who": "llama.cpp", "format": "f16", "prefill": 500.0, "decode": 50.0, "batch": 10.0},
        {"row": "bf16", "who": "llama.cpp", "format": "bf16", "prefill": 400.0, "decode": 80.0, "batch": 8.0},
        {"row": "tower f32", "who": "mvfleet", "format": "tower f32", "seconds": 0.5},
        {"row": "tower f32", "who": "torch", "format": "tower f32", "seconds": 1.25},
    ])
    for part in ("1000  500 (f16)", "2.00 ×", "80 (bf16)", "1.25 ×", "0.50 ×", "2.50 ×", "–"):
        assert part in text, (part, text)
