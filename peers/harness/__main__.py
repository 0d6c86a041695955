"""The command behind peers/run."""

import argparse
import datetime
import os
import sys
import tempfile

from . import chart, lines, machine, report
from .lines import PEERS
from .process import Contestant, Lost, Refused
from .turns import Turns, progress

# Outputs that ncnn and PyTorch allocate again in every run come from memory that
# they keep, on huge pages, as those of the others do.
MEMORY = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=17179869184",
}


def words(text):
    return [w for w in text.split(",") if w]


def parse(argv):
    a = argparse.ArgumentParser(prog="peers/run", description="Times our kernels beside other libraries, in turns.")
    a.add_argument("--rows", type=words, default=[], help="rows, such as T13,T6_unet1 (default: all)")
    a.add_argument("--rounds", type=int, default=7, help="turns of every contestant (default 7)")
    a.add_argument("--threads", type=lambda s: [int(n) for n in words(s)], default=[1, 2], help="default 1,2")
    a.add_argument("--out", default=os.path.join(os.path.dirname(__file__), "..", "results"), help="folder of the results, whose other rows stay (default peers/results)")
    a.add_argument("--peers", type=words, default=PEERS, help="default " + ",".join(PEERS))
    a.add_argument("--isa", default="", help="instruction set of our kernels (default: the best)")
    a.add_argument("--slice", type=float, default=60, help="least milliseconds that a turn times (default 60)")
    a.add_argument("--ours", required=True, help=argparse.SUPPRESS)
    a.add_argument("--failed", default="", help=argparse.SUPPRESS)
    o = a.parse_args(argv)
    if o.rounds < 1 or o.slice <= 0 or not o.threads or min(o.threads) < 1:
        a.error("--rounds, --slice and --threads must be positive")
    if unknown := set(o.peers) - set(PEERS):
        a.error(f"no peer {sorted(unknown)[0]!r}; there is: {', '.join(PEERS)}")
    for n in o.threads:
        if machine.cores_for(n) is None:
            a.error(f"--threads {n}: this process may use {len(os.sched_getaffinity(0))} cores")
    return o


def select(rows, names):
    """Rows by name or by the part before the underscore."""
    chosen = []
    for name in names:
        found = [r for r in rows if name in (r["name"], r["name"].split("_")[0])]
        if not found:
            sys.exit(f'peers/run: no row {name!r}; there is {rows[0]["name"]} to {rows[-1]["name"]}')
        chosen += found
    return chosen or rows


def contestants(options, threads):
    cores = machine.cores_for(threads)
    ours, steps = (Contestant(n, [options.ours, n], cores) for n in ("ours", "two_steps"))
    env = {**os.environ, **MEMORY, "OMP_NUM_THREADS": str(threads)}
    peers = [Contestant(n, [sys.executable, "-m", "harness.worker", n], cores, env) for n in options.peers]
    return ours, steps, peers


def greet(peers, failed):
    """The peers that are there, their versions, and why the others are not."""
    there, versions, missing = [], {}, {}
    for p in peers:
        try:
            versions[p.name] = p.ask(do="hello")["version"]
            there.append(p)
        except (Refused, Lost) as e:
            missing[p.name] = install_error(failed, p.name) or str(e)
    return there, versions, missing


def install_error(failed, name):
    path = os.path.join(failed, name)
    if not failed or not os.path.exists(path):
        return ""
    with open(path) as f:
        lines = f.read().strip().splitlines()
    return "could not be installed: " + (lines[-1] if lines else "")


def run(options, threads):
    """The names of all rows, and the lines of those that are asked for."""
    ours, steps, peers = contestants(options, threads)
    try:
        rows = ours.ask(do="rows")["rows"]
        there, versions, missing = greet(peers, options.failed)
        about = lines.Run(
            cpu=machine.cpu_model(), date=datetime.date.today().isoformat(), revision=machine.revision(os.path.dirname(__file__)),
            rounds=options.rounds, slice=options.slice, versions=versions, missing=missing)
        with tempfile.TemporaryDirectory(prefix="upconv-peers-") as folder:
            turns = Turns(ours, steps, there, threads, options, folder)
            calls, measured = turns.calls(), []
            for row in select(rows, options.rows):
                m = turns.measure(row)
                progress(m)
                measured.append(lines.of(m, about, machine.cores_for(threads), calls))
        return [r["name"] for r in rows], measured
    finally:
        for c in [ours, steps, *peers]:
            c.stop()


def main():
    options = parse(sys.argv[1:])
    known = lines.read(os.path.join(options.out, "results.csv"))
    for threads in options.threads:
        names, measured = run(options, threads)
        known = lines.merged(known, measured, names)
    os.makedirs(options.out, exist_ok=True)
    for name, text in ("results.md", report.markdown(known)), ("results.csv", lines.table(known)), ("results.svg", chart.draw(known)):
        with open(os.path.join(options.out, name), "w", encoding="utf-8") as f:
            f.write(text)
    print(f"wrote results.md, results.csv and results.svg to {os.path.normpath(options.out)}", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
