"""Tills and commands that start without loading their modules, which takes more than half of the CPU of a start.

A process that has imported the modules is forked for each of them. The child has a terminal and a session of its own.
It begins at `till.cli.main.run`, as the console script does, or with a test's own code (`-c`), for a till with a
planted fault.
"""

from __future__ import annotations

import atexit
import fcntl
import functools
import gc
import importlib
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Variables that differ from test to test; no module reads them on import.
_OWN: Final = re.compile("TILL_|PYTEST_|(TERM|NO_COLOR)$")
_LONGEST: Final = 1 << 16
#: Modules that the opening of a till, or a command, imports at once or later, directly or not.
_LOADED: Final = (
    "argon2",
    "babel.dates",
    "db.embedded",
    "db.engine",
    "db.migrate",
    "rapidfuzz.process",
    "rich.cells",
    "sqlalchemy.dialects.postgresql.psycopg",
    "till.administration.calls",
    "till.cli.admin",
    "till.cli.db",
    "till.cli.demo_venue",
    "till.cli.connections",
    "till.cli.init",
    "till.cli.opening",
    "till.cli.recover",
    "till.cli.report",
    "till.cli.running",
    "till.cli.venues",
    "till.config.log_lines",
    "till.domain.money.marks",
    "till.reports.logins",
    "till.reports.report",
    "till.reports.tills",
    "till.sync.service",
    "till.tenders.server",
    "till.tui.desk_app",
    "till.tui.late_screens",
    "till.tui.start",
    "till.wiring.desk",
    "till.wiring.recover",
    "till.wiring.tenders",
    "till.wiring.till",
    "textual.drivers.linux_driver",
    "textual.layouts.factory",
    "textual.scrollbar",
    "typer._adapters",
)


class ForkedTill:
    """A forked process, with the part of `subprocess.Popen` that a terminal needs.

    Args:
        report: the stream of its process id and its exit code.
    """

    def __init__(self, report: socket.socket) -> None:
        self._report = report
        self._ended: int | None = None
        self.pid = int(self._report.recv(_LONGEST) or 0)
        if not self.pid:
            raise ProcessLookupError("Who forks tills has ended.")

    def poll(self) -> int | None:
        """Return the exit code, or None while the process runs."""
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the process to end and return its exit code."""
        ended = self._look(timeout)
        if ended is None:
            raise subprocess.TimeoutExpired("till", timeout or 0)
        return ended

    def kill(self) -> None:
        """Kill it, as a power cut would."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def _look(self, timeout: float | None) -> int | None:
        if self._ended is None and select.select([self._report], [], [], timeout)[0]:
            self._ended = int(self._report.recv(_LONGEST) or -signal.SIGKILL)
            self._report.close()
        return self._ended


class LoadedTill:
    """The process that is forked; it starts at the first use, and ends with the process of the tests."""

    def __init__(self) -> None:
        self._loaded: Mapping[str, str] | None = None

    def fits(self, environment: Mapping[str, str]) -> bool:
        """True if modules loaded in this environment are the same as in the environment of the process."""
        own = {name: value for name, value in environment.items() if not _OWN.match(name)}
        if self._loaded is None:
            self._loaded = own
            self._start(own)
        return own == self._loaded

    def _start(self, environment: Mapping[str, str]) -> None:
        self._way, way = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        master, slave = os.openpty()  # for Python decides at its start how it writes to a terminal
        with way:
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__, str(way.fileno())],
                pass_fds=[way.fileno()],
                stdin=slave,
                stdout=slave,
                stderr=slave,
                env=environment,
            )
        os.close(slave)
        self._terminal = master

    def fork(self, arguments: Sequence[str], environment: Mapping[str, str], *streams: int) -> ForkedTill:
        """Fork a till with these arguments, in an environment that `fits`.

        Args:
            arguments: the command line without the program's name; from `-c` on, without Python's.
            environment: its whole environment.
            streams: its terminal, or its standard input, output and error.
        """
        ours, report = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with report:
            order = json.dumps([list(arguments), dict(environment), str(Path.cwd())]).encode()
            socket.send_fds(self._way, [order], [report.fileno(), *streams])
        return ForkedTill(ours)

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run a command without a terminal until it has ended, and nobody writes to its output any more."""
        (out, to_out), (err, to_err) = os.pipe(), os.pipe()
        with os.fdopen(out, "rb"), os.fdopen(err, "rb"):
            with Path(os.devnull).open("rb") as nothing, os.fdopen(to_out, "wb"), os.fdopen(to_err, "wb"):
                forked = self.fork(arguments, environment, nothing.fileno(), to_out, to_err)
            ends, open_ends, output = time.monotonic() + timeout, {out, err}, {out: b"", err: b""}
            while open_ends:
                ready = select.select(list(open_ends), [], [], max(0.0, ends - time.monotonic()))[0]
                if not ready:
                    forked.kill()
                    forked.wait()
                    raise subprocess.TimeoutExpired(["till", *arguments], timeout, output[out], output[err])
                for end in ready:
                    piece = os.read(end, _LONGEST)
                    output[end] += piece
                    if not piece:
                        open_ends.remove(end)
        code = forked.wait(max(0.0, ends - time.monotonic()))
        return subprocess.CompletedProcess(["till", *arguments], code, output[out].decode(), output[err].decode())

    def close(self) -> None:
        """End it."""
        if self._loaded is not None:
            self._way.close()
            self._process.wait()
            os.close(self._terminal)


def _forked(way: socket.socket) -> list[str] | None:
    """Fork for each request; return the arguments in the child, and None in the parent at the end of all requests."""
    running: dict[int, tuple[int, socket.socket]] = {}
    while True:
        for ready in select.select([way.fileno(), *running], [], [])[0]:
            if ready in running:
                pid, report = running.pop(ready)
                os.close(ready)
                code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
                with report:
                    _tell(report, code)
                continue
            order, given, _flags, _address = socket.recv_fds(way, _LONGEST, 4)
            if not order:
                return None
            report, streams = socket.socket(fileno=given[0]), given[1:]
            pid = os.fork()
            if pid == 0:
                arguments, environment, folder = json.loads(order)
                _stand_in(streams, environment, folder)
                _tell(report, os.getpid())
                for end in (way, report, *(other for _pid, other in running.values())):
                    end.close()
                for watched in running:
                    os.close(watched)
                return list(arguments)
            for stream in streams:
                os.close(stream)
            running[os.pidfd_open(pid)] = (pid, report)


def _tell(report: socket.socket, number: int) -> None:
    try:
        report.send(str(number).encode())
    except BrokenPipeError:
        return  # nobody wants to know any more


def _stand_in(streams: Sequence[int], environment: Mapping[str, str], folder: str) -> None:
    """Take a terminal as the controlling one: closing it hangs up; hear what a caller had ignored."""
    for own, stream in enumerate(streams if len(streams) > 1 else [*streams] * 3):
        os.dup2(stream, own)
    for stream in streams:
        os.close(stream)
    os.setsid()
    if os.isatty(0):
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for number, felt in ((signal.SIGHUP, signal.SIG_DFL), (signal.SIGINT, signal.default_int_handler)):
        signal.signal(number, felt)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)


def _build(commands: Mapping[str, tuple[str, str]]) -> None:
    """Build the parsers of the loaded commands once, as each process would build the one that it needs."""
    running: Any = sys.modules["till.cli.running"]
    running.get_command = built = functools.cache(running.get_command)
    for module, _sentence in commands.values():
        if module in sys.modules:
            built(sys.modules[module].app)


def _leave(code: object) -> NoReturn:
    """End as a finished process, without freeing what it shares, which would take half of a command's time.

    Threads are joined, exit handlers run, and output is flushed or its failure reported.
    """
    assert isinstance(code, int)
    threading._shutdown()  # type: ignore[attr-defined] # what Python does first at its end
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            if not stream.closed:
                stream.flush()
    except OSError:
        code = 120  # as Python has it
    os._exit(code)


if __name__ == "__main__":
    gc.disable()  # as `till` does, until its first paint
    from till.cli import main
    from till.wiring.terminal import prepare_terminal

    prepare_terminal()
    for module in _LOADED:
        importlib.import_module(module)
    _build(main.COMMANDS)
    sys.modules["rich.cells"].cell_len("₹")  # loads its table of widths
    sys.modules["till.register.quick_entry.vocabulary"].shipped_vocabulary("en")
    gc.collect()
    gc.freeze()  # a till that looks for garbage need not look at what it shares
    asked = _forked(socket.socket(fileno=int(sys.argv[1])))
    if asked is not None:
        try:
            if asked[:1] == ["-c"]:
                sys.argv = ["-c", *asked[2:]]
                exec(asked[1], {"__name__": "__main__"})  # noqa: S102 - a test's own words
            else:
                sys.argv = ["till", *asked]
                main.run()
        except SystemExit as end:
            _leave(end.code)
