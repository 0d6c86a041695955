"""A contestant: a process that answers each line of JSON with one line."""

import ctypes
import json
import os
import select
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1


class Lost(Exception):
    """The process ended, or did not answer in time."""


class Refused(Exception):
    """The process answered with an error."""


class Absent(Exception):
    """The contestant has nothing for such a layer."""


class Contestant:
    """Runs on the given cores, and only while it is asked: between its turns it
    is stopped, so that no idle thread of it spins while another one is timed."""

    def __init__(self, name, command, cores, env=None):
        self.name, self.command, self.cores, self.env = name, command, cores, env
        self.process = None

    def start(self):
        libc = ctypes.CDLL(None)

        def child():
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            os.sched_setaffinity(0, self.cores)
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the harness ends them

        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            bufsize=0, env=self.env, preexec_fn=child)

    def ask(self, timeout=300, **request):
        """The reply to a request; raises Absent, Refused or Lost."""
        if self.process is None:
            self.start()
        else:
            self.process.send_signal(signal.SIGCONT)
        try:
            self.process.stdin.write(json.dumps(request).encode() + b"\n")
            reply = json.loads(self._line(timeout))
        except BrokenPipeError:
            raise self._lost("ended") from None
        self.process.send_signal(signal.SIGSTOP)
        if not reply["ok"]:
            raise (Absent if reply.get("lacks") else Refused)(reply["error"])
        return reply

    def _line(self, timeout):
        out, line, end = self.process.stdout.fileno(), b"", time.monotonic() + timeout
        while not line.endswith(b"\n"):
            if not select.select([out], [], [], max(0, end - time.monotonic()))[0]:
                raise self._lost(f"gave no answer in {timeout} s")
            part = os.read(out, 1 << 16)
            if not part:
                raise self._lost("ended")
            line += part
        return line

    def _lost(self, how):
        """Ends what is left of the process; the next request starts a new one."""
        process, self.process = self.process, None
        if how == "ended":
            process.wait()
            how = f"ended with status {process.returncode}"
        else:
            process.kill()
            process.wait()
        return Lost(f"the process {how}")

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
