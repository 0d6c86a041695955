"""Results as Markdown, from lines alone."""

import math
from statistics import median

from .lines import PEERS, RIVALS
from .turns import TOLERANCE

DISTURBED = 0.03  # part of the machine's time; a peer whose threads spin suffers most

# Kinds of rows, by the first letters of their names.
KINDS = {"TO": "transposed convolutions", "C": "convolutions", "RUP": "resizes, poolings, shuffles"}


def of(lines, threads):
    return [line for line in lines if line.threads == threads]


def threads_in(lines):
    return sorted({line.threads for line in lines})


def geomean(lines, column="ratio"):
    """Geometric mean of a column; None if there is none."""
    values = [v for line in lines if (v := line.number(column))]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


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


def cell(line, name):
    """A peer's time, or a mark for what is explained below the table."""
    if line[f"{name}_us"]:
        return number(line.number(f"{name}_us"))
    return "failed" if line[f"{name}_error"] else "none" if line[f"{name}_lacks"] else "–"


def disturbed(line):
    return (line.number("others") or 0) > DISTURBED


def timings(lines, letters):
    head = ["row", "run", "layer", "best peer", "our kernel", "its us", "ours us", "ratio", "net", "of peak", "peak", "copy GB/s", *PEERS]
    rows = []
    for line in lines:
        figures = [number(line.number(c)) for c in ("best_us", "ours_us", "ratio", "ratio_net")]
        figures[2] = f"**{figures[2]}**"
        rows.append([
            line.name + " \\*" * disturbed(line), letters[run_of(line)], line["layer"], line["best_peer"] or "–", f'`{line["kernel"] or "–"}`', *figures,
            percent(line.number("share_of_peak")), number(line.number("peak_gflops")), number(line.number("copy_gbs")),
            *[cell(line, p) for p in PEERS]])
    return grid(head, rows, 5)


def summary(lines):
    below = [line.name for line in lines if (line.number("ratio") or 1) < 1]
    kinds = [f"{what} {number(geomean(some))}" for letters, what in KINDS.items() if (some := [v for v in lines if v.name[0] in letters])]
    return (f"Geometric mean of the ratios: **{number(geomean(lines))}**, net of calls {number(geomean(lines, 'ratio_net'))}; {'; '.join(kinds)}. "
            f"{len(lines)} rows, under 1: {', '.join(below) or 'none'}.\n")


def stores(lines):
    rows = [[line.name, line.threads, number(line.number("copy_us")), number(line.number("ours_us")),
             number(line.number("ours_us") / line.number("copy_us")), number(line.number("moved_bytes") / 1e6), percent(line.share_of_copy())]
            for line in lines if line.share_of_copy()]
    if not rows:
        return ""
    head = ["row", "threads", "copy of the output, one thread, us", "ours us", "ours / copy", "ours moves MB", "of the copy's bandwidth"]
    return ("\n## Rows that mostly move memory\n\nA copy reads and writes an array of the output's size. Ours reads its input and the indices that it "
            "takes, and writes its output; the last column is those bytes a second in parts of the copy's.\n\n" + grid(head, rows, 1))


def steps(lines):
    """Fused layers beside what they replace."""
    rows = [[line.name, line.threads, number(line.number("two_steps_us")), number(line.number("ours_us")),
             f'**{number(line.number("two_steps_us") / line.number("ours_us"))}**', f'`{line["two_steps_way"]}`']
            for line in lines if line["two_steps_us"] and line["ours_us"]]
    if not rows:
        return ""
    return ("\n## Enlarging and convolving at once, and in two steps\n\nTwo steps are our kernels too: one enlarges into an array, another convolves that.\n\n"
            + grid(["row", "threads", "two steps, us", "ours us", "ratio", "kernels of the two steps"], rows, 1))


def run_of(line):
    """What lines that were measured together share."""
    return tuple(line[c] for c in ("date", "upconv", "rounds", "slice_ms", "cpu"))


def letters_of(lines):
    """A letter for every run: a, b, ..., z, aa, ab, ..."""
    runs = list(dict.fromkeys(map(run_of, sorted(lines, key=lambda line: line["date"]))))
    return {run: "".join(chr(ord("a") + d) for d in digits(i)) for i, run in enumerate(runs)}


def digits(i):
    return [i] if i < 26 else [*digits(i // 26 - 1), i % 26]


def runs(lines, letters):
    rows = [[letter, *run, rows_of([line for line in lines if run_of(line) == run])] for run, letter in letters.items()]
    return grid(["run", "date", "upconv", "rounds", "turn, ms at least", "processor", "rows"], rows, 7)


def rows_of(lines):
    """Names in short, by the numbers of threads that they ran on."""
    threads, names = {}, {}
    for line in lines:
        threads.setdefault(line.short(), []).append(str(line.threads))
    for name, ns in threads.items():
        names.setdefault(" and ".join(ns), []).append(name)
    return "; ".join(f"{', '.join(some)} on {ns} thread{'s' * (ns != '1')}" for ns, some in names.items())


def machine(lines, letters):
    text = ""
    for n in threads_in(lines):
        some = of(lines, n)
        peaks = [p for line in some if (p := line.number("peak_gflops"))]
        cores = ", ".join(dict.fromkeys(line["cores"].replace(" ", ", ") for line in some))
        if peaks:
            text += f"- {threads_of(n)} on core{'s' * (n > 1)} {cores}: multiply-add peak {number(median(peaks))} GFLOP/s (median of the rows; {number(min(peaks))} to {number(max(peaks))})\n"
    text += f"- rows during which others took over {percent(DISTURBED)} of the machine's time (\\*): {sum(map(disturbed, lines))} of {len(lines)}\n"
    return text + "\n" + runs(lines, letters) + "\n" + versions(lines)


def versions(lines):
    rows = []
    for p in PEERS:
        known = ", ".join(sorted({line[f"{p}_version"] for line in lines if line[f"{p}_version"]}))
        calls = [[c for line in of(lines, n) if (c := line.number(f"{p}_call_us"))] for n in threads_in(lines)]
        rows.append([p, known or "–", *[number(median(c) if c else None) for c in calls]])
    return grid(["peer", "version", *[f"a call, {cores_of(n)}, us" for n in threads_in(lines)]], rows, 2)


def cores_of(n):
    return "one core" if n == 1 else f"{n} cores"


def threads_of(n):
    return "one thread" if n == 1 else f"{n} threads"


def failures(lines):
    """What has no time, once a reason."""
    where = {}
    for kind, names in ("error", ["ours", *RIVALS]), ("lacks", PEERS):
        for line in lines:
            for n in names:
                if why := line[f"{n}_{kind}"]:
                    where.setdefault((n, why), []).append(f"{line.name} ({threads_of(line.threads)})")
    reasons = [f"- {n}: {', '.join(rows) if len(rows) < len(lines) else 'all rows'}: {why}" for (n, why), rows in where.items()]
    text = "\n## What has no time\n\n" + ("\n".join(reasons) or "Nothing: every peer ran every row and agrees with us.") + "\n"
    differences = [(line.number(f"{n}_difference"), n, line.name) for line in lines for n in RIVALS
                   if line[f"{n}_difference"] and not line[f"{n}_error"]]
    if differences:
        d, n, row = max(differences)
        text += (f"\nLargest difference of the others from ours: {d:.1e} of the largest output ({n}, {row}); allowed: {TOLERANCE:g}, "
                 "and none in layers that only move values.\n")
    return text


READING = """
Times are medians over the rounds of the medians of turns, in microseconds, float32, NCHW in and out. The ratio is the best
peer's time over ours: above 1, ours is faster. Net: what a call of a peer costs from Python, the fastest turn with a layer of
one multiplication on one thread, is taken from its time first. Of peak: our rate, measured in turns with multiply-add loops on the same cores,
counting two operations for every pair of an input and a weight, also those that padding crops away, and of a layer that
enlarges and convolves those that merging its taps leaves. Copy: bytes read plus written when arrays of the output's size are
copied by one thread. None: the peer has no such layer.
"""


def markdown(lines):
    letters = letters_of(lines)
    parts = ["# upconv and its peers\n\n", machine(lines, letters), READING]
    for n in threads_in(lines):
        parts += [f"\n## {threads_of(n).capitalize()}\n\n", timings(of(lines, n), letters), "\n", summary(of(lines, n))]
    return "".join([*parts, stores(lines), steps(lines), failures(lines), ways(lines)])


def ways(lines):
    """Which way a peer took, where it offers several."""
    rows = [[line.name, line.threads, *[line[f"{p}_way"] or "–" for p in PEERS]] for line in lines]
    return ("\n## The way that each peer took\n\nWhere a peer offers several, the fastest in a short trial was timed.\n\n"
            + grid(["row", "threads", *PEERS], rows, len(PEERS) + 2))
