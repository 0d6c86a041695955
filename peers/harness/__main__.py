"""The command behind peers/run."""

import argparse
import datetime
import os
import shlex
import sys
import tempfile
import time

from . import chart, machine, report
from .process import Contestant, Lost, Refused
from .turns import Turns, progress

PEERS = ["onnxruntime", "ncnn", "openvino", "torch"]

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
    a.add_argument("--out", default=os.path.join(os.path.dirname(__file__), "..", "results"), help="folder of the results (default peers/results)")
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
    ours = Contestant("ours", [options.ours], cores)
    env = {**os.environ, **MEMORY, "OMP_NUM_THREADS": str(threads)}
    peers = [Contestant(n, [sys.executable, "-m", "harness.worker", n], cores, env) for n in options.peers]
    return ours, peers


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


def run(options, threads, results):
    ours, peers = contestants(options, threads)
    try:
        rows = select(ours.ask(do="rows")["rows"], options.rows)
        there, results.versions, results.missing = greet(peers, options.failed)
        with tempfile.TemporaryDirectory(prefix="upconv-peers-") as folder:
            turns = Turns(ours, there, threads, options, folder)
            results.calls[threads] = turns.calls()
            for row in rows:
                m = turns.measure(row)
                progress(m)
                results.measured.append(m)
    finally:
        for c in [ours, *peers]:
            c.stop()


def main():
    options = parse(sys.argv[1:])
    started = time.monotonic()
    shown = sys.argv[1:]
    for hidden in "--ours", "--failed":
        if hidden in shown:
            del shown[shown.index(hidden):shown.index(hidden) + 2]
    results = report.Results(
        peers=options.peers, cpu=machine.cpu_model(), cores={n: sorted(machine.cores_for(n)) for n in options.threads},
        revision=machine.revision(os.path.dirname(__file__)), date=datetime.date.today().isoformat(),
        command=shlex.join(["peers/run", *shown]), rounds=options.rounds, slice=options.slice)
    for threads in options.threads:
        run(options, threads, results)
    results.seconds = time.monotonic() - started
    os.makedirs(options.out, exist_ok=True)
    for name, text in ("results.md", report.markdown(results)), ("results.csv", report.table(results)), ("results.svg", chart.draw(results)):
        with open(os.path.join(options.out, name), "w", encoding="utf-8") as f:
            f.write(text)
    print(f"wrote results.md, results.csv and results.svg to {os.path.normpath(options.out)}", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
