"""Layers, timed in turns: every round gives each contestant one turn."""

import os
import sys
import zlib
from statistics import median

import numpy as np

from . import machine
from .process import Lost, Refused

# Largest difference from ours, in parts of the largest output. Another order of
# summation differs by some 1e-6; bfloat16 by 1e-3.
TOLERANCE = 1e-4

# A layer with next to no work: what a call costs each peer.
CALL = {
    "name": "call", "op": "conv_transpose", "batch": 1, "in_channels": 1, "out_channels": 1, "groups": 1,
    "weights": [1, 1, 1, 1], "input": [1, 1], "output": [1, 1], "kernel": [1, 1], "stride": [1, 1],
    "dilation": [1, 1], "pad_begin": [0, 0], "pad_end": [0, 0], "output_padding": [0, 0],
}


class Measured:
    """One row at one number of threads."""

    def __init__(self, row, threads, peers):
        self.row, self.threads = row, threads
        self.us = {name: [] for name in ["ours", *peers]}
        self.path, self.error, self.difference = {}, {}, {}
        self.others = 0.0  # part of the machine's time that went elsewhere meanwhile
        self.peak, self.share, self.copy_gbs, self.copy_us = [], [], [], []

    def median(self, name):
        """Microseconds of a contestant; None if it has no time."""
        return median(self.us[name]) if self.us.get(name) else None

    def spread(self, name):
        """How far apart the middle half of the turns lies, in parts of the median."""
        if len(self.us.get(name, [])) < 2:
            return None
        low, high = np.percentile(self.us[name], [25, 75])
        return (high - low) / self.median(name)

    def best(self):
        """The fastest peer; None if none has a time."""
        timed = [n for n in self.us if n != "ours" and self.us[n]]
        return min(timed, key=self.median, default=None)

    def ratio(self, calls=None):
        """The fastest peer's time in parts of ours; with calls, after taking
        from each peer what a call of it costs."""
        ours, cost = self.median("ours"), calls or {}
        times = [max(0, self.median(n) - cost.get(n, 0)) for n in self.us if n != "ours" and self.us[n]]
        return min(times) / ours if ours and times else None


class Turns:
    def __init__(self, ours, peers, threads, options, folder):
        self.ours, self.peers, self.threads = ours, peers, threads
        self.options, self.folder = options, folder

    def calls(self):
        """What a call costs each peer, in microseconds: the fastest turn."""
        m = Measured(CALL, 1, [p.name for p in self.peers])
        self._arrays(CALL)
        ready = [p for p in self.peers if self._loaded(m, p)]
        for _ in range(self.options.rounds):
            for p in ready:
                self._turn(m, p)
        return {p.name: min(m.us[p.name]) for p in ready if m.us[p.name]}

    def measure(self, row):
        m = Measured(row, self.threads, [p.name for p in self.peers])
        self._arrays(row)
        try:
            loaded = self.ours.ask(do="load", row=row["name"], folder=self.folder, threads=self.threads, isa=self.options.isa)
        except (Refused, Lost) as e:
            m.error["ours"] = str(e)
            return m
        m.path["ours"], isa = loaded["path"], loaded["isa"]
        ready = [p for p in self.peers if self._loaded(m, p) and self._agrees(m, p)]
        load = machine.Load([os.getpid(), *(c.process.pid for c in [self.ours, *ready])])
        for i in range(self.options.rounds):
            self._round(m, ready, isa, i)
        m.others = load.others()
        return m

    def _round(self, m, ready, isa, i):
        """Each round begins with another contestant."""
        order = [self.ours, *ready]
        for c in order[i % len(order):] + order[:i % len(order)]:
            self._turn(m, c)
        ms = self.options.slice
        p = self.ours.ask(do="peak", isa=isa, ms=ms / 2, threads=self.threads)
        m.peak.append(p["gflops"])
        m.share.append(p["share"])
        c = self.ours.ask(do="copy", n=elements(m.row, "out_channels", "output"), ms=ms / 4)
        m.copy_gbs.append(c["gbs"])
        m.copy_us.append(c["us"])

    def _turn(self, m, contestant):
        name = contestant.name
        if name in m.error:
            return
        try:
            m.us[name].append(contestant.ask(do="time", ms=self.options.slice)["us"])
        except (Refused, Lost) as e:
            m.error[name], m.us[name] = str(e), []

    def _arrays(self, row):
        """The same numbers in every run, different ones in every row."""
        random = np.random.Generator(np.random.PCG64(zlib.crc32(row["name"].encode())))
        for name, size in ("src", elements(row, "in_channels", "input")), ("weights", int(np.prod(row["weights"]))):
            a = random.random(size, dtype=np.float32) - np.float32(0.5)
            a.astype("<f4").tofile(self._file(name))

    def _file(self, name):
        return os.path.join(self.folder, name + ".f32")

    def _loaded(self, m, p):
        try:
            reply = p.ask(do="load", row=m.row, folder=self.folder, threads=m.threads)
        except (Refused, Lost) as e:
            m.error[p.name] = str(e)
            return False
        m.path[p.name] = reply["path"]
        want = [m.row["batch"], m.row["out_channels"], *m.row["output"]]
        if reply["shape"] != want:
            m.error[p.name] = f'its output is {reply["shape"]}, not {want}'
        return p.name not in m.error

    def _agrees(self, m, p):
        want, got = (np.fromfile(self._file(n), "<f4") for n in ("ours", p.name))
        difference = float(np.abs(got - want).max() / np.abs(want).max())
        m.difference[p.name] = difference
        if not difference <= TOLERANCE:  # also when it is no number
            m.error[p.name] = f"disagrees with ours by {difference:.2g} of the largest output"
        return p.name not in m.error


def elements(row, channels, size):
    return row["batch"] * row[channels] * int(np.prod(row[size]))


def progress(m):
    """One line a row on stderr."""
    ours, best, ratio = m.median("ours"), m.best(), m.ratio()
    text = m.error.get("ours", "no time")
    if ours:
        text = f"ours {ours:.1f} us"
    if ratio:
        text += f", {best} {m.median(best):.1f} us, ratio {ratio:.2f}"
    print(f'{m.row["name"]:16} {m.threads} thread{"s" * (m.threads > 1)}: {text}', file=sys.stderr, flush=True)
    for name, error in m.error.items():
        print(f"    {name}: {error}", file=sys.stderr, flush=True)
