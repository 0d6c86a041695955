"""What is known of rows: the lines of results.csv. The reports are made of lines
alone, so that rows which were measured in several runs stand in one table."""

import csv
import io
import os
from dataclasses import dataclass
from statistics import median

PEERS = ["onnxruntime", "ncnn", "openvino", "torch"]
RIVALS = ["two_steps", *PEERS]  # whatever ours is compared with

# Rows with weights whose cost is the store, nevertheless.
STORES = ("T16", "T20")


@dataclass
class Run:
    """What the lines of a run have in common."""
    cpu: str
    date: str
    revision: str
    rounds: int
    slice: float
    versions: dict  # of the peers that are there
    missing: dict   # peers that are not there, and why


def of(m, run, cores, calls):
    """The line of a measured row; calls are what a call costs each peer."""
    best = m.best()
    line = {
        "row": m.row["name"], "layer": layer(m.row), "threads": m.threads, "kernel": m.path.get("ours"), "best_peer": best,
        "best_us": m.median(best) if best else None, "ours_us": m.median("ours"), "ratio": m.ratio(), "ratio_net": m.ratio(calls),
        "share_of_peak": middle(m.share), "peak_gflops": middle(m.peak), "copy_gbs": middle(m.copy_gbs), "copy_us": middle(m.copy_us),
        "moved_bytes": m.bytes if moves(m.row) else None, "ours_spread": m.spread("ours"), "others": m.others,
        "cores": " ".join(map(str, sorted(cores))), "cpu": run.cpu, "date": run.date, "upconv": run.revision,
        "rounds": run.rounds, "slice_ms": run.slice,
    }
    for n in RIVALS:
        line |= {f"{n}_us": m.median(n), f"{n}_spread": m.spread(n), f"{n}_way": m.path.get(n), f"{n}_difference": m.difference.get(n),
                 f"{n}_error": run.missing.get(n, m.error.get(n)), f"{n}_lacks": m.lacks.get(n)}
    for p in PEERS:
        line |= {f"{p}_call_us": calls.get(p), f"{p}_version": run.versions.get(p)}
    line["ours_error"] = m.error.get("ours")
    return Line({k: text(v) for k, v in line.items()})


class Line:
    """A line by the names of its columns."""

    def __init__(self, fields):
        self.fields = fields
        self.name, self.threads = fields["row"], int(fields["threads"])

    def __getitem__(self, column):
        return self.fields.get(column) or ""

    def number(self, column):
        """None where there is none."""
        return float(self[column]) if self[column] else None

    def short(self):
        """T13 of T13_pose3."""
        return self.name.split("_")[0]

    def share_of_copy(self):
        """The bytes that ours moves a second, in parts of those of a copy."""
        moved, us, gbs = map(self.number, ("moved_bytes", "ours_us", "copy_gbs"))
        return moved / us / 1e3 / gbs if moved and us and gbs else None


def text(v):
    return "" if v is None else f"{v:.5g}" if isinstance(v, float) else str(v)


def middle(v):
    return median(v) if v else None


def moves(row):
    return not row["weights"] or row["name"].split("_")[0] in STORES


# How a row in short begins.
WORDS = {"conv_transpose": "", "resize_conv": "resize, conv "}


def layer(row):
    """A row in short: 64->3 k4 s2 32x32."""
    def axes(values):
        return str(values[0]) if len(set(values)) == 1 else "x".join(map(str, values))
    words = WORDS.get(row["op"], row["op"] + " ") + f'{row["in_channels"]}->{row["out_channels"]}'
    for letter, field, usual in ("k", "kernel", 0), ("s", "stride", 0), ("x", "scale", 0), ("d", "dilation", 1):
        if max(row[field]) > usual:
            words += f" {letter}{axes(row[field])}"
    words += " " + "x".join(map(str, row["input"]))
    if row["op"] == "bilinear":
        words += " " + row["choices"]["coordinate"]
    if row["groups"] > 1:
        words += " depthwise" if row["groups"] == row["in_channels"] else f' g{row["groups"]}'
    return words + (f' N{row["batch"]}' if row["batch"] > 1 else "")


def read(path):
    """The lines of a file; none if there is no such file."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8", newline="") as f:
        return [Line(fields) for fields in csv.DictReader(f)]


def merged(old, new, names):
    """New lines in place of old ones of the same row and threads, in the order of
    names; rows that are not among these are gone."""
    by_key = {(line.name, line.threads): line for line in [*old, *new]}
    order = {name: i for i, name in enumerate(names)}
    return sorted((v for v in by_key.values() if v.name in order), key=lambda v: (v.threads, order[v.name]))


def table(lines):
    """The text of results.csv."""
    columns = list(dict.fromkeys(c for line in reversed(lines) for c in line.fields))
    out = io.StringIO()
    w = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    w.writeheader()
    w.writerows(line.fields for line in lines)
    return out.getvalue()
