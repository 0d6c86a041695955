"""What the results say about the machine and the run."""

import os
import platform
import subprocess
import time


def cpu_model():
    try:
        with open("/proc/cpuinfo") as f:
            lines = dict(line.split(":", 1) for line in f if ":" in line)
    except OSError:
        return platform.processor()
    fields = {k.strip(): v.strip() for k, v in lines.items()}
    numbers = ", ".join(f"{k} {fields[k]}" for k in ("cpu family", "model", "stepping") if k in fields)
    return f'{fields.get("model name", platform.machine())} ({numbers})'


def cores_for(threads):
    """The last cores that this process may use; None if there are too few."""
    allowed = sorted(os.sched_getaffinity(0))
    return set(allowed[-threads:]) if len(allowed) >= threads else None


def revision(folder):
    """The commit of our kernels, and whether files other than results differ from it."""
    def git(*words):
        return subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True, check=True).stdout.strip()
    try:
        changed = git("status", "--porcelain", "--untracked-files=no", "--", ":/", ":(top,exclude)peers/results")
        return git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


TICK = os.sysconf("SC_CLK_TCK")


class Load:
    """What else ran since it was made: processor time that is not of these
    processes, and time that the hypervisor took."""

    def __init__(self, pids):
        self.own = {pid: ticks(pid) for pid in pids}
        self.started, self.busy = time.monotonic(), self._busy()

    def others(self):
        """The part of the whole machine's time that went elsewhere."""
        whole = (time.monotonic() - self.started) * os.cpu_count() * TICK
        own = sum(max(0, ticks(pid) - before) for pid, before in self.own.items())
        return max(0.0, self._busy() - self.busy - own) / whole

    @staticmethod
    def _busy():
        with open("/proc/stat") as f:
            user, nice, system, _, _, irq, softirq, steal = (int(n) for n in f.readline().split()[1:9])
        return user + nice + system + irq + softirq + steal


def ticks(pid):
    """Processor time of a process; 0 of one that has ended."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            fields = f.read().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return int(fields[11]) + int(fields[12])
