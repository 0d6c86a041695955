"""A peer as a contestant: python -m harness.worker NAME.

{"do":"hello"}                                        the peer's version
{"do":"load","row":{...},"folder":F,"threads":N}      read the row's arrays in F, run once, write F/NAME.f32
{"do":"time","ms":M}                                  time the loaded layer
"""

import gc
import importlib
import json
import os
import sys
import time

import numpy as np

from . import arrays
from .offers import Lacks

LEAST_RUNS = 3  # that a turn times
TRIALS, TRIAL_MS = 3, 10  # to choose among the ways that a peer offers


def measure(run, ms):
    """Warms up for a quarter of ms, then times runs: microseconds, ascending."""
    slice_ns, clock = ms * 1e6, time.perf_counter_ns
    start, warm = clock(), False
    while not warm or clock() - start < slice_ns / 4:
        run()
        warm = True
    runs, start = [], clock()
    while len(runs) < LEAST_RUNS or clock() - start < slice_ns:
        t = clock()
        run()
        runs.append(clock() - t)
    return sorted(ns / 1e3 for ns in runs)


def fastest(ways):
    """The name of the way with the fastest run of a few trials in turns."""
    if len(ways) == 1:
        return next(iter(ways))
    trials = [{name: measure(run, TRIAL_MS)[0] for name, (run, _) in ways.items()} for _ in range(TRIALS)]
    return min(ways, key=lambda name: min(t[name] for t in trials))


class Worker:
    def __init__(self, name):
        self.name = name
        self.peer = importlib.import_module(f"harness.peer_{name}")
        self.kept = None  # all that the layer reads and writes in place

    def hello(self, _):
        return {"version": self.peer.VERSION}

    def load(self, r):
        """Of the ways that a peer offers, the fastest is the one that is timed."""
        self.kept = None
        gc.collect()
        row, folder = r["row"], r["folder"]
        read = arrays.read(row, folder)
        ways = self.peer.load(row, read, r["threads"])
        path = fastest(ways)
        run, array = ways[path]
        result = np.ascontiguousarray(array(run()), dtype="<f4")
        result.tofile(arrays.path(folder, self.name))
        self.kept = run, array, read
        return {"path": path, "shape": list(result.shape)}

    def time(self, r):
        runs = measure(self.kept[0], r["ms"])
        return {"us": runs[len(runs) // 2], "runs": len(runs)}


def main():
    # Libraries may print: what they write to stdout goes to stderr.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    gc.disable()
    worker, failure = None, ""
    try:
        worker = Worker(sys.argv[1])
    except Exception as e:  # whatever an import raises is the reason
        failure = f"{type(e).__name__}: {e}"
    for line in sys.stdin:
        try:
            if worker is None:
                raise RuntimeError(failure)
            r = json.loads(line)
            reply = {"ok": True, **{"hello": worker.hello, "load": worker.load, "time": worker.time}[r["do"]](r)}
        except Exception as e:  # any failure of a peer is a result
            reason = str(e) if isinstance(e, Lacks) else f"{type(e).__name__}: {e}"
            reply = {"ok": False, "lacks": isinstance(e, Lacks), "error": " ".join(reason.split())[:300]}
        gc.collect()
        print(json.dumps(reply), file=out, flush=True)


if __name__ == "__main__":
    main()
