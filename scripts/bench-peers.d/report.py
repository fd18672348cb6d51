"""Medians, and the table at the end."""
import statistics


def summary(samples, key):
    values = [sample[key] for sample in samples if sample.get(key) is not None]
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "runs": len(values)} if values else None


def number(value):
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table(rows):
    """Rows of text, the first of them the heading, in columns: the first aligned to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths))).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def comparison(peers, fleet):
    """`peers`: label → {measure → summary}; `fleet`: label → {measure → summary}. The ratios say how many times as fast mvfleet is."""
    heading = ["", "tasks/s", "min–max", "CPU s/10,000", "runs"] + [f"÷ {label}" for label in fleet]
    rows = [heading]
    for label, measures in {**{f"mvfleet {label}": measures for label, measures in fleet.items()}, **peers}.items():
        speed, cpu = measures.get("tasks_per_second"), measures.get("cpu_seconds_per_10000")
        row = [label, number(speed and speed["median"]), f"{number(speed['min'])}–{number(speed['max'])}" if speed else "–",
               number(cpu and cpu["median"]), str(speed["runs"]) if speed else "0"]
        for own in fleet.values():
            ours = own.get("tasks_per_second")
            row.append(f"{ours['median'] / speed['median']:.1f}×" if ours and speed and label in peers else "")
        rows.append(row)
    return table(rows)


def self_test():
    samples = [{"x": 3.0}, {"x": 1.0}, {"x": 2.0}, {"x": None}]
    assert summary(samples, "x") == {"median": 2.0, "min": 1.0, "max": 3.0, "runs": 3}
    assert summary([], "x") is None and number(None) == "–" and number(12345.6) == "12,346" and number(0.0421) == "0.0421"
    fast, slow = ({"tasks_per_second": {"median": v, "min": v, "max": v, "runs": 1}} for v in (900.0, 300.0))
    lines = comparison({"peer": slow}, {"bare": fast}).splitlines()
    assert lines[0].endswith("÷ bare") and lines[2].startswith("mvfleet bare") and lines[3].endswith("3.0×"), lines
    assert len({line.index("900") + 3 for line in lines if "900" in line} | {line.index("300") + 3 for line in lines if "300" in line}) == 1, lines
