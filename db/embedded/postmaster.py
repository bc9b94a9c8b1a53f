"""The server process: its state, start and stop.

A server is alive while `server.lock` is held, since it inherits that lock from the till that starts it and passes it on
to its children. So a stale `postmaster.pid` is never believed, whoever has its number now, and after a kill of the
server a new one waits for the last orphan.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from db.embedded import configuration, locks, places, programs
from db.embedded.errors import DidNotStartError, DidNotStopError, StillStartingError, StillStoppingError
from db.words import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from db.embedded.binaries import Binaries
    from db.embedded.places import Home

#: The signals to stop with their patience, mildest first; after the hard ones the next start recovers.
_STOPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
#: The longest wait on closing the last till, for a server that is busy or frozen.
_LEAVING_S = 5.0
#: PostgreSQL's SSLRequest: the one request that is answered before authentication, and that leaves no line in the log
#: if the client then disconnects.
_IS_THERE_TLS = struct.pack("!ii", 8, 80877103)
_LONGEST_LOG = 5_000_000
_SAY_AFTER_S = 1.0
#: Seconds to wait for that answer; a slower server counts as alive.
_ANSWER_S = 0.2


class PidFile(Struct, frozen=True):
    """The content of `postmaster.pid`. It may be from before a crash: check `answers` too."""

    pid: int
    data: str
    sockets: str
    status: str

    @classmethod
    def read(cls, data: Path) -> PidFile | None:
        """Read it; None if it is missing or incomplete."""
        try:
            lines = os.fsdecode((data / "postmaster.pid").read_bytes()).split("\n")
        except (FileNotFoundError, NotADirectoryError):
            return None
        lines += [""] * (8 - len(lines))
        return cls(int(lines[0]), lines[1], lines[4], lines[7].strip()) if lines[0].isdigit() else None

    @property
    def ready(self) -> bool:
        """True if the server wrote that it takes connections."""
        return self.status == "ready"

    @property
    def answers(self) -> bool:
        """True if a server is behind it now. It is asked, because a listening socket can outlive its process.

        A server that accepts the request but is too busy to answer counts as alive.
        """
        if not self.sockets:
            return False
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
            door.settimeout(_ANSWER_S)
            try:
                door.connect(f"{self.sockets}/.s.PGSQL.{places.PORT}")
                door.sendall(_IS_THERE_TLS)
                return door.recv(1) != b""
            except (BlockingIOError, TimeoutError):
                return True
            except OSError:
                return False


def running(home: Home) -> PidFile | None:
    """Return the server that takes connections now; None if there is none."""
    if not locks.is_held(home.server_lock):
        return None
    found = _own_pid_file(home)
    return found if found and found.ready and found.answers else None


def start(home: Home, binaries: Binaries, lock: int, *, durable: bool) -> int:
    """Start a server. `lock` is the server's lock, held: the server inherits it, and the caller closes its own.

    Wait with `wait_until_ready`. Its output is in the log after the returned position.
    """
    stale = PidFile.read(home.data)
    if home.log.exists() and home.log.stat().st_size > _LONGEST_LOG:
        home.log.replace(home.log.with_suffix(".log.1"))
    log_size = home.log.stat().st_size if home.log.exists() else 0
    configuration.write(home, places.socket_folder(home), major=binaries.major, durable=durable)
    command: list[str | Path] = [binaries.program("postgres"), *configuration.options(home)]
    programs.detach(home, command, cwd=home.data, inherited=lock, grandparent=stale.pid if stale else None)
    return log_size


def wait_until_ready(home: Home, patience_s: float, say: Callable[[str], None]) -> bool:
    """Wait until the server takes connections; False if it is gone.

    A recovery takes as long as it takes: it is waited for while the server lives and the patience lasts.

    Raises:
        StillStartingError: the patience ran out, and the server lives.
    """
    begun = time.monotonic()
    is_announced = False
    while running(home) is None:
        if not locks.is_held(home.server_lock):
            return False
        waited = time.monotonic() - begun
        if waited > patience_s:
            raise StillStartingError(seconds=round(patience_s), log=home.log)
        if waited > _SAY_AFTER_S and not is_announced:
            is_announced = True
            say(_("The database is still getting ready. Selling continues."))
        time.sleep(locks.POLL_S)
    return True


def stop(home: Home) -> None:
    """Stop the server cleanly if it lives. Call it under the control lock.

    Raises:
        DidNotStopError: it did not, even when killed.
    """
    for number, patience_s in _STOPS:
        if _tell_to_stop(home, number, patience_s):
            return
    raise DidNotStopError(log=home.log)


def leave(home: Home) -> None:
    """Tell the server to stop, and wait a little. Call it under the control lock.

    A slow or frozen one goes on stopping by itself: the next start waits for that, as after a crash.

    Raises:
        StillStoppingError: it has not stopped yet.
    """
    if not _tell_to_stop(home, signal.SIGINT, _LEAVING_S):
        raise StillStoppingError(log=home.log)


def _tell_to_stop(home: Home, number: signal.Signals, patience_s: float) -> bool:
    """Send a signal to the server, if it lives. Return True if it is gone within that many seconds."""
    found = _own_pid_file(home)
    sockets = ""
    if found and locks.is_held(home.server_lock) and found.answers:
        sockets = found.sockets
        with suppress(ProcessLookupError):  # it exited by itself
            os.kill(found.pid, number)
    if not locks.wait_until_free(home.server_lock, patience_s):
        return False
    places.leave_socket_folder(home, sockets or (found.sockets if found else ""))
    return True


def _own_pid_file(home: Home) -> PidFile | None:
    """Return the file, unless it came with a copied folder and names another server."""
    found = PidFile.read(home.data)
    return found if found and found.data == str(home.data) else None


def refusal(home: Home, since: int) -> DidNotStartError:
    """Return why a server did not start: the last serious message after a position in its log."""
    with home.log.open("rb") as log:
        log.seek(since)
        output = log.read().decode(errors="replace")
    reasons = re.findall(r"(?:FATAL|PANIC|ERROR):\s+(.*)", output) or [
        line for line in output.splitlines() if line.strip()
    ]
    return DidNotStartError(reason=reasons[-1].rstrip(".") if reasons else _("it said nothing"), log=home.log)
