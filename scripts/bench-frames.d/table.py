"""The table at the end."""
import os
import statistics


def columns(rows):
    """Rows of text, the first of them the heading: the first column aligned to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def verdict(exact, expected, taken):
    return f"{exact}/{expected}" + (f" of {taken}" if taken != expected else "")


def render(files, labels, peers, names, medians, each, exactness):
    """Per clip: CPU seconds and exact frames of each; then the totals, and mvfleet's ratio to the cheapest peer that is exact throughout."""
    rows = [["clip"] + [cell for name in names for cell in (f"{labels[name]}: CPU s", "exact")]]
    for index, file in enumerate(files):
        row = [os.path.basename(file)]
        for name in names:
            samples = each[name][index]
            row += [f"{statistics.median(samples):.3f}" if samples else "–", verdict(*exactness[name][index])]
        rows.append(row)
    total = ["all"]
    sums = {name: [sum(parts) for parts in zip(*exactness[name])] for name in names}
    for name in names:
        total += [f"{medians[name]:.2f}", verdict(*sums[name])]
    rows.append(total)
    lines = [columns(rows), ""]
    exact = [name for name in peers if name in names and sums[name][0] == sums[name][1]]
    for name in names:
        if name not in peers:
            lines += [f"{labels[name]}: {medians[name] / medians[peer]:.2f} × the CPU of {labels[peer]}"
                      + ("" if peer in exact else " (which is not exact on all clips)") for peer in peers if peer in names]
    return "\n".join(lines)


def self_test():
    text = render(["a/x.mp4"], {"own": "own", "peer": "peer"}, ("peer",), ["own", "peer"], {"own": 1.0, "peer": 4.0}, {"own": [[0.5, 1.5, 1.0]], "peer": [[]]},
                  {"own": [(15, 15, 15)], "peer": [(3, 15, 14)]})
    assert "0.25 × the CPU of peer (which is not exact on all clips)" in text and "3/15 of 14" in text and "1.000" in text and "–" in text, text
