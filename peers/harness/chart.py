"""The ratios as a bar chart: SVG, written by hand."""

import math
from html import escape

from .lines import PEERS
from .report import geomean, number, of, threads_in, threads_of

WIDTH, LEFT, RIGHT, TOP = 1000, 345, 130, 92  # pixels; bars lie between LEFT and WIDTH - RIGHT
BAR, GAP = 11, 9  # height of a bar; space between rows
AHEAD, BEHIND = ["#1f5f8b", "#79aed2", "#b9d4e6"], ["#b5481e", "#e39a76", "#f1cdbb"]  # by number of threads
TICKS = [0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128]


class Scale:
    """A logarithmic axis from low to high."""

    def __init__(self, ratios):
        ratios = [*ratios, 1]
        self.low = max((t for t in TICKS if t < min(ratios)), default=TICKS[0])
        self.high = min((t for t in TICKS if t > max(ratios)), default=TICKS[-1])

    def x(self, v):
        v = min(max(v, self.low), self.high)
        return LEFT + (WIDTH - RIGHT - LEFT) * math.log(v / self.low) / math.log(self.high / self.low)

    def ticks(self):
        return [t for t in TICKS if self.low <= t <= self.high]


def text(x, y, s, size=12, anchor="start", fill="#222", weight="normal"):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}" font-weight="{weight}">{escape(s)}</text>'


def rect(x, y, width, height, fill):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"/>'


def line(x, y1, y2, stroke, width=1):
    return f'<line x1="{x:.1f}" y1="{y1:.1f}" x2="{x:.1f}" y2="{y2:.1f}" stroke="{stroke}" stroke-width="{width}"/>'


def groups(lines):
    """The lines of every row, in the order of the rows, then by threads."""
    by_row = {}
    for v in lines:
        by_row.setdefault(v.name, []).append(v)
    return list(by_row.values())


def draw(lines):
    rows, threads = groups(lines), threads_in(lines)
    scale = Scale([r for v in lines if (r := v.number("ratio"))])
    height = BAR * len(threads) + GAP
    bottom = TOP + height * len(rows)
    body = [*head(lines, threads), *axis(scale, bottom)]
    for i, row in enumerate(rows):
        body += bars(row, scale, threads, TOP + i * height + GAP / 2)
    notes = foot(lines)
    body += [text(20, bottom + 40 + 16 * i, s, 11, fill="#555") for i, s in enumerate(notes)]
    total = bottom + 44 + 16 * len(notes)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{total}" viewBox="0 0 {WIDTH} {total}" '
            f'font-family="Helvetica, Arial, sans-serif">\n{rect(0, 0, WIDTH, total, "#fff")}\n' + "\n".join(body) + "\n</svg>\n")


def head(lines, threads):
    means = ", ".join(f"{threads_of(n)} {number(mean)}" for n in threads if (mean := geomean(of(lines, n))))
    parts = [text(20, 30, "Layers that enlarge: best peer's time / upconv's time", 18, weight="bold"),
             text(20, 52, f"Geometric mean: {means or 'none'}. Above 1, upconv is faster. Logarithmic axis; the best peer stands at each bar.", 12, fill="#555")]
    x = 20
    for i, n in enumerate(threads):
        parts += [rect(x, 62, 12, BAR, colour(AHEAD, i)), text(x + 18, 72, threads_of(n), 11, fill="#555")]
        x += 100
    return [*parts, rect(x, 62, 12, BAR, BEHIND[0]), text(x + 18, 72, "slower than the best peer", 11, fill="#555")]


def axis(scale, bottom):
    parts = []
    for t in scale.ticks():
        one = t == 1
        parts += [line(scale.x(t), TOP, bottom, "#222" if one else "#ddd", 1.5 if one else 1),
                  text(scale.x(t), bottom + 16, f"{t:g}", 11, "middle", "#222" if one else "#666", "bold" if one else "normal")]
    return parts


def bars(row, scale, threads, y):
    """The bars of a row grow from the line at 1."""
    middle = y + BAR * len(threads) / 2
    parts = [text(20, middle + 4, row[0].name, 12, weight="bold"),
             text(LEFT - 12, middle + 4, row[0]["layer"], 11, "end", "#555")]
    for v in row:
        i, ratio = threads.index(v.threads), v.number("ratio")
        top = y + i * BAR
        if ratio is None:
            parts.append(text(scale.x(1) + 6, top + BAR - 2, "no time", 10, fill="#888"))
            continue
        one, end = scale.x(1), scale.x(ratio)
        parts += [rect(min(one, end), top, abs(end - one), BAR - 1, colour(AHEAD if ratio >= 1 else BEHIND, i)),
                  text(max(one, end) + 5, top + BAR - 2, f'{number(ratio)}  {v["best_peer"]}', 10, fill="#333")]
    return parts


def colour(shades, i):
    return shades[min(i, len(shades) - 1)]


def foot(lines):
    """The processors, the peers, and the runs that the rows are from."""
    def distinct(column):
        return sorted({v[column] for v in lines if v[column]})
    versions = (f'{p} {" and ".join(found)}' for p in PEERS if (found := distinct(f"{p}_version")))
    return [*distinct("cpu"), ", ".join(versions), *sorted({f'upconv {v["upconv"]}, {v["date"]}' for v in lines})]
