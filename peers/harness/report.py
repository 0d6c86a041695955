"""Results as Markdown and as CSV."""

import csv
import io
import math
from dataclasses import dataclass, field
from statistics import median

from .turns import TOLERANCE

# Rows whose cost is the store: held against a plain copy of the output.
STORES = ("T16", "T20")

DISTURBED = 0.03  # part of the machine's time; a peer whose threads spin suffers most


@dataclass
class Results:
    peers: list
    cpu: str
    cores: dict  # by number of threads
    revision: str
    date: str
    command: str
    rounds: int
    slice: float
    seconds: float = 0
    versions: dict = field(default_factory=dict)
    missing: dict = field(default_factory=dict)  # peers that are not there, and why
    calls: dict = field(default_factory=dict)  # number of threads of the process -> peer -> microseconds of a call
    measured: list = field(default_factory=list)

    def of(self, threads):
        return [m for m in self.measured if m.threads == threads]

    def geomean(self, threads, net=False):
        """Geometric mean of the ratios; None if there is none."""
        calls = self.calls.get(threads, {}) if net else None
        ratios = [r for m in self.of(threads) if (r := m.ratio(calls))]
        return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else None


def layer(row):
    """A row in short: 64->3 k4 s2 32x32."""
    def axes(values):
        return str(values[0]) if len(set(values)) == 1 else "x".join(map(str, values))
    text = f'{row["in_channels"]}->{row["out_channels"]} k{axes(row["kernel"])} s{axes(row["stride"])}'
    if max(row["dilation"]) > 1:
        text += f' d{axes(row["dilation"])}'
    text += " " + "x".join(map(str, row["input"]))
    if row["groups"] > 1:
        text += " depthwise" if row["groups"] == row["in_channels"] else f' g{row["groups"]}'
    return text + (f' N{row["batch"]}' if row["batch"] > 1 else "")


def number(v, digits=3, unit=""):
    """At least so many significant digits; a dash for what there is not."""
    if v is None:
        return "–"
    whole = len(str(int(abs(v)))) if abs(v) >= 1 else 0
    return f"{v:.{max(0, digits - max(1, whole))}f}{unit}"


def percent(v):
    return number(None if v is None else 100 * v, 2, " %")


def grid(head, rows, right):
    """A Markdown table; columns from index right on hold numbers."""
    lines = [head, ["---" if i < right else "---:" for i in range(len(head))], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"


def cell(m, name):
    """A peer's time, or a mark for what is explained below the table."""
    return number(m.median(name)) if m.us.get(name) else "failed" if name in m.error else "–"


def timings(r, threads):
    head = ["row", "layer", "best peer", "our kernel", "its us", "ours us", "ratio", "net", "of peak", "peak", "copy GB/s", *r.peers]
    rows = []
    for m in r.of(threads):
        best = m.best()
        rows.append([
            m.row["name"] + " \\*" * (m.others > DISTURBED), layer(m.row), best or "–", "`" + m.path.get("ours", "–") + "`",
            number(m.median(best) if best else None), number(m.median("ours")),
            f"**{number(m.ratio())}**", number(m.ratio(r.calls.get(threads, {}))),
            percent(median(m.share) if m.share else None), number(median(m.peak) if m.peak else None),
            number(median(m.copy_gbs) if m.copy_gbs else None), *[cell(m, p) for p in r.peers]])
    return grid(head, rows, 4)


def summary(r, threads):
    ms = r.of(threads)
    below = [m.row["name"] for m in ms if (m.ratio() or 1) < 1]
    return (f"Geometric mean of the ratios: **{number(r.geomean(threads))}**, net of calls {number(r.geomean(threads, net=True))}; "
            f"{len(ms)} rows, under 1: {', '.join(below) or 'none'}.\n")


def stores(r):
    rows = [[m.row["name"], m.threads, number(median(m.copy_us)), number(m.median("ours")), number(m.median("ours") / median(m.copy_us))]
            for m in r.measured if m.row["name"].split("_")[0] in STORES and m.copy_us and m.us["ours"]]
    if not rows:
        return ""
    return "\n## Rows that mostly store\n\n" + grid(["row", "threads", "copy of the output, one thread, us", "ours us", "ours / copy"], rows, 1)


def machine(r):
    peaks = {n: [p for m in r.of(n) for p in m.peak] for n in r.cores}
    calls = [[p, r.versions.get(p, r.missing.get(p, "–")), *[number(r.calls.get(n, {}).get(p)) for n in r.cores]] for p in r.peers]
    lines = [f"- {r.cpu}"]
    for n, cores in r.cores.items():
        if peaks[n]:
            lines.append(f"- {threads_of(n)} on core{'s' * (n > 1)} {', '.join(map(str, cores))}: multiply-add peak {number(median(peaks[n]))} GFLOP/s (median; {number(min(peaks[n]))} to {number(max(peaks[n]))} in this run)")
    lines.append(f"- {r.date}, upconv {r.revision}, `{r.command}`, {r.seconds / 60:.0f} min: {r.rounds} rounds of turns of at least {r.slice:g} ms")
    disturbed = [m for m in r.measured if m.others > DISTURBED]
    lines.append(f"- rows during which others took over {percent(DISTURBED)} of the machine's time (\\*): {len(disturbed)} of {len(r.measured)}")
    return "\n".join(lines) + "\n\n" + grid(["peer", "version", *[f"a call, {cores_of(n)}, us" for n in r.cores]], calls, 2)


def cores_of(n):
    return "one core" if n == 1 else f"{n} cores"


def threads_of(n):
    return "one thread" if n == 1 else f"{n} threads"


def failures(r):
    """What has no time, once a reason."""
    lines = [f"- {p}: {why}" for p, why in r.missing.items()]
    for m in r.measured:
        lines += [f'- {m.row["name"]}, {threads_of(m.threads)}, {n}: {why}' for n, why in m.error.items()]
    worst = max(((d, n, m.row["name"]) for m in r.measured for n, d in m.difference.items() if n not in m.error), default=None)
    text = "\n## What has no time\n\n" + ("\n".join(lines) or "Nothing: every peer ran every row and agrees with us.") + "\n"
    if worst:
        text += f"\nLargest difference of the others from ours: {worst[0]:.1e} of the largest output ({worst[1]}, {worst[2]}); allowed: {TOLERANCE:g}.\n"
    return text


READING = """
Times are medians over the rounds of the medians of turns, in microseconds, float32, NCHW in and out. The ratio is the best
peer's time over ours: above 1, ours is faster. Net: what a call of a peer costs from Python, the fastest turn with a layer of
one multiplication on one thread, is taken from its time first. Of peak: our rate, measured in turns with multiply-add loops on the same cores,
counting two operations for every pair of an input and a weight, also those that padding crops away. Copy: bytes read plus
written when arrays of the output's size are copied by one thread.
"""


def markdown(r):
    parts = ["# upconv and its peers\n\n", machine(r), READING]
    for n in r.cores:
        parts += [f"\n## {threads_of(n).capitalize()}\n\n", timings(r, n), "\n", summary(r, n)]
    return "".join([*parts, stores(r), failures(r), ways(r)])


def ways(r):
    """Which way a peer took, where it offers several."""
    rows = [[m.row["name"], m.threads, *[m.path.get(p, "–") for p in r.peers]] for m in r.measured]
    return ("\n## The way that each peer took\n\nWhere a peer offers several, the fastest in a short trial was timed.\n\n"
            + grid(["row", "threads", *r.peers], rows, len(r.peers) + 2))


def table(r):
    """One line a row and number of threads; the machine and the command are in
    the last columns, so that lines of several files can be put together."""
    out = io.StringIO()
    w = csv.writer(out, lineterminator="\n")
    timed = ["ours", *r.peers]
    w.writerow(["row", "layer", "threads", "kernel", "best_peer", "best_us", "ours_us", "ratio", "ratio_net", "share_of_peak",
                "peak_gflops", "copy_gbs", "copy_us", *[f"{n}_us" for n in timed[1:]], *[f"{n}_spread" for n in timed],
                *[f"{n}_way" for n in timed[1:]], *[f"{n}_difference" for n in timed[1:]], "others", "errors", "cpu", "date", "upconv", *[f"{p}_version" for p in r.peers], "command"])
    for m in r.measured:
        best = m.best()
        mid = [median(v) if v else None for v in (m.share, m.peak, m.copy_gbs, m.copy_us)]
        w.writerow([m.row["name"], layer(m.row), m.threads, m.path.get("ours", ""), best or "",
                    *map(plain, [m.median(best) if best else None, m.median("ours"), m.ratio(), m.ratio(r.calls.get(m.threads, {})), *mid,
                                 *[m.median(n) for n in timed[1:]], *[m.spread(n) for n in timed]]),
                    *[m.path.get(n, "") for n in timed[1:]], *[plain(m.difference.get(n)) for n in timed[1:]], plain(m.others),
                    "; ".join(f"{n}: {e}" for n, e in m.error.items()), r.cpu, r.date, r.revision,
                    *[r.versions.get(p, "") for p in r.peers], r.command])
    return out.getvalue()


def plain(v):
    return "" if v is None else f"{v:.5g}"
