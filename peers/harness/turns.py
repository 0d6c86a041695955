"""Layers, timed in turns: every round gives each contestant one turn."""

import os
import sys
from statistics import median

import numpy as np

from . import arrays, machine
from .process import Absent, Lost, Refused

# Largest difference from ours, in parts of the largest output. Another order of
# summation differs by some 1e-6, Winograd's by 1e-5; bfloat16 by 1e-3. Layers that
# only move values have none.
TOLERANCE = 1e-4

# A layer with next to no work: what a call costs each peer.
CALL = {
    "name": "call", "op": "conv_transpose", "batch": 1, "in_channels": 1, "out_channels": 1, "groups": 1,
    "weights": [1, 1, 1, 1], "input": [1, 1], "output": [1, 1], "kernel": [1, 1], "stride": [1, 1], "scale": [0, 0],
    "dilation": [1, 1], "pad_begin": [0, 0], "pad_end": [0, 0], "output_padding": [0, 0], "choices": {}, "exact": False,
}


class Measured:
    """One row at one number of threads. Ours and two_steps, which is ours too, are
    no peers."""

    def __init__(self, row, threads, peers):
        self.row, self.threads, self.peers = row, threads, peers
        self.us = {name: [] for name in ["ours", "two_steps", *peers]}
        self.path, self.error, self.lacks, self.difference = {}, {}, {}, {}
        self.bytes = 0  # read and written by ours, weights left aside
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
        return min(self._timed(), key=self.median, default=None)

    def ratio(self, calls=None):
        """The fastest peer's time in parts of ours; with calls, after taking
        from each peer what a call of it costs."""
        ours, cost = self.median("ours"), calls or {}
        times = [max(0, self.median(n) - cost.get(n, 0)) for n in self._timed()]
        return min(times) / ours if ours and times else None

    def _timed(self):
        return [n for n in self.peers if self.us[n]]


class Turns:
    """Times rows: ours, then whatever else takes part."""

    def __init__(self, ours, steps, peers, threads, options, folder):
        self.ours, self.steps, self.peers, self.threads = ours, steps, peers, threads
        self.options, self.folder = options, folder

    def calls(self):
        """What a call costs each peer, in microseconds: the fastest turn."""
        m = self._measured(CALL, 1)
        arrays.make(CALL, self.folder)
        ready = [p for p in self.peers if self._loaded(m, p)]
        for _ in range(self.options.rounds):
            for p in ready:
                self._turn(m, p)
        return {p.name: min(m.us[p.name]) for p in ready if m.us[p.name]}

    def _measured(self, row, threads):
        return Measured(row, threads, [p.name for p in self.peers])

    def measure(self, row):
        m = self._measured(row, self.threads)
        arrays.make(row, self.folder)
        reply = self._loaded(m, self.ours)
        if not reply:
            return m
        m.bytes = reply["bytes"]
        ready = [p for p in [self.steps, *self.peers] if self._loaded(m, p) and self._agrees(m, p)]
        load = machine.Load([os.getpid(), *(c.process.pid for c in [self.ours, *ready])])
        for i in range(self.options.rounds):
            self._round(m, ready, reply["isa"], i)
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
        if "share" in p:
            m.share.append(p["share"])
        c = self.ours.ask(do="copy", n=arrays.count(arrays.output_shape(m.row)), ms=ms / 4)
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

    def _loaded(self, m, c):
        """The reply to a request to load; None where that failed."""
        try:
            reply = c.ask(do="load", row=m.row, folder=self.folder, threads=m.threads, isa=self.options.isa)
        except Absent as e:
            m.lacks[c.name] = str(e)
            return None
        except (Refused, Lost) as e:
            m.error[c.name] = str(e)
            return None
        m.path[c.name] = reply["path"]
        want = arrays.output_shape(m.row)
        if reply["shape"] != want:
            m.error[c.name] = f'its output is {reply["shape"]}, not {want}'
            return None
        return reply

    def _agrees(self, m, c):
        want, got = (np.fromfile(arrays.path(self.folder, n), "<f4") for n in ("ours", c.name))
        difference = float(np.abs(got - want).max() / np.abs(want).max())
        m.difference[c.name] = difference
        if not difference <= (0 if m.row["exact"] else TOLERANCE):  # also when it is no number
            m.error[c.name] = f"disagrees with ours by {difference:.2g} of the largest output"
        return c.name not in m.error


def progress(m):
    """One line a row on stderr."""
    ours, best, ratio = m.median("ours"), m.best(), m.ratio()
    text = m.error.get("ours", "no time")
    if ours:
        text = f"ours {ours:.1f} us"
    if ratio:
        text += f", {best} {m.median(best):.1f} us, ratio {ratio:.2f}"
    if steps := m.median("two_steps"):
        text += f", two steps {steps:.1f} us"
    print(f'{m.row["name"]:18} {m.threads} thread{"s" * (m.threads > 1)}: {text}', file=sys.stderr, flush=True)
    for name, error in [*m.error.items(), *((p, m.lacks[p]) for p in m.peers if p in m.lacks)]:
        print(f"    {name}: {error}", file=sys.stderr, flush=True)
