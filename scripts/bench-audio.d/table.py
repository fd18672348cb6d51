"""The table at the end."""
import statistics

COLUMNS = [("beatF", "beat F"), ("CMLt", "CMLt"), ("AMLt", "AMLt"), ("downF", "downbeat F"), ("acc1", "tempo Acc1"), ("acc2", "Acc2"), ("key", "key"), ("chord", "chords")]
FIGURES = [("warm", "CPU s/clip, warm", 3), ("cold", "cold process CPU s", 2), ("rss", "peak RSS MB", 0)]


def columns(rows):
    """Rows of text, the first of them the heading: the first column aligned to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def share(value):
    """As papers print scores: three decimals, no zero before the point."""
    return "–" if value is None else f"{value:.3f}".lstrip("0") if value < 1 else f"{value:.3f}"


def render(labels, names, scores, figures, failures, clips):
    """
    scores    name → column → mean over the clips; empty without labels
    figures   name → figure → samples
    failures  name → number of clips that gave an error
    """
    scored = [column for column in COLUMNS if any(scores.get(name, {}).get(column[0]) is not None for name in names)]
    rows = [["", *(title for _, title in scored), *(title for _, title, _ in FIGURES)]]
    for name in names:
        row = [labels[name], *(share(scores.get(name, {}).get(column)) for column, _ in scored)]
        for figure, _, places in FIGURES:
            samples = figures[name].get(figure) or []
            row.append(f"{statistics.median(samples):.{places}f}" if samples else "–")
        rows.append(row)
    lines = [columns(rows), "", f"{clips} clips; CPU and memory are medians over the runs."]
    own = next(iter(names))
    for name in names[1:]:
        if figures[own].get("warm") and figures[name].get("warm"):
            ratio = statistics.median(figures[name]["warm"]) / max(statistics.median(figures[own]["warm"]), 1e-9)
            lines.append(f"{labels[name]} takes {ratio:.1f} × the CPU of {labels[own]} (warm).")
    lines += [f"{labels[name]}: {count} of {clips} clips gave an error." for name, count in failures.items() if count]
    return "\n".join(lines)


def self_test():
    text = render({"own": "own", "peer": "peer"}, ["own", "peer"], {"own": {"beatF": 0.8304, "key": 1.0}, "peer": {"beatF": 0.5}},
                  {"own": {"warm": [0.1, 0.3, 0.2], "cold": [0.4], "rss": [80.4]}, "peer": {"warm": [1.0]}}, {"own": 0, "peer": 2}, 7)
    assert ".830" in text and "1.000" in text and "0.200" in text and "80" in text and "–" in text, text
    assert "peer takes 5.0 × the CPU of own" in text and "peer: 2 of 7 clips gave an error." in text and "downbeat F" not in text, text
