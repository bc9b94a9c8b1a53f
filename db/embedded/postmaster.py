"""The server process: its state, start and stop.

A server runs while `server.lock` is held: it inherits that lock from the till that starts it, and its children inherit
it too. A stale `postmaster.pid` is therefore never trusted, even if its process id was reused, and after a kill of the
server a new one waits for its last child.
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

#: The signals to stop, mildest first, with the seconds to wait. After the others the next start recovers.
_STOPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
#: Seconds to wait for a busy or frozen server when the last till closes.
_LEAVING_S = 5.0
#: PostgreSQL's SSLRequest: the only request that is answered before authentication, and that is not logged if the
#: client then disconnects.
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_LONGEST_LOG = 5_000_000
_ANNOUNCE_AFTER_S = 1.0
#: Seconds to wait for that answer; a slower server counts as running.
_ANSWER_S = 0.2


class PidFile(Struct, frozen=True):
    """The content of `postmaster.pid`. It may be from before a crash, so check `answers` too."""

    pid: int
    data: str
    sockets: str
    status: str

    @classmethod
    def read(cls, data: Path) -> PidFile | None:
        """Read the file; None if it is missing or incomplete."""
        try:
            lines = os.fsdecode((data / "postmaster.pid").read_bytes()).split("\n")
        except (FileNotFoundError, NotADirectoryError):
            return None
        lines += [""] * (8 - len(lines))
        return cls(int(lines[0]), lines[1], lines[4], lines[7].strip()) if lines[0].isdigit() else None

    @property
    def ready(self) -> bool:
        """True if the server reports that it accepts connections."""
        return self.status == "ready"

    @property
    def answers(self) -> bool:
        """True if a server answers now. A listening socket is not enough, because it can outlive its process.

        A server that accepts the request but is too busy to answer counts as running.
        """
        if not self.sockets:
            return False
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(_ANSWER_S)
            try:
                client.connect(f"{self.sockets}/.s.PGSQL.{places.PORT}")
                client.sendall(_SSL_REQUEST)
                return client.recv(1) != b""
            except (BlockingIOError, TimeoutError):
                return True
            except OSError:
                return False


def running(home: Home) -> PidFile | None:
    """Return the server that accepts connections now; None if there is none."""
    if not locks.is_held(home.server_lock):
        return None
    found = _own_pid_file(home)
    return found if found and found.ready and found.answers else None


def start(home: Home, binaries: Binaries, lock: int, *, durable: bool) -> int:
    """Start a server. `lock` is the server's lock, which must be held: the server inherits it, the caller closes it.

    Wait with `wait_until_ready`. The server's output is in the log after the returned position.
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
    """Wait until the server accepts connections. Return False if it has exited.

    A recovery may take long: it is waited for while the server runs, for `patience_s` at most.
    """
    begun = time.monotonic()
    is_announced = False
    while running(home) is None:
        if not locks.is_held(home.server_lock):
            return False
        waited = time.monotonic() - begun
        if waited > patience_s:
            raise StillStartingError(seconds=round(patience_s), log=home.log)
        if waited > _ANNOUNCE_AFTER_S and not is_announced:
            is_announced = True
            say(_("The database is still getting ready. Selling continues."))
        time.sleep(locks.POLL_S)
    return True


def stop(home: Home) -> None:
    """Stop the server cleanly if it runs. Call it under the control lock.

    Raises:
        DidNotStopError: it did not stop, even when killed.
    """
    for number, patience_s in _STOPS:
        if _signal_stop(home, number, patience_s):
            return
    raise DidNotStopError(log=home.log)


def leave(home: Home) -> None:
    """Tell the server to stop, and wait some seconds. Call it under the control lock.

    A slow or frozen server continues to stop by itself; the next start waits for that, as after a crash.
    """
    if not _signal_stop(home, signal.SIGINT, _LEAVING_S):
        raise StillStoppingError(log=home.log)


def _signal_stop(home: Home, number: signal.Signals, patience_s: float) -> bool:
    """Send a signal to the server, if it runs. Return True if it exits within `patience_s`."""
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
    """Return the content of `postmaster.pid`; None if it names another server, as in a copied folder."""
    found = PidFile.read(home.data)
    return found if found and found.data == str(home.data) else None


def refusal(home: Home, since: int) -> DidNotStartError:
    """Return the error of a server that did not start: the last serious message after a position in its log."""
    with home.log.open("rb") as log:
        log.seek(since)
        output = log.read().decode(errors="replace")
    reasons = re.findall(r"(?:FATAL|PANIC|ERROR):\s+(.*)", output) or [
        line for line in output.splitlines() if line.strip()
    ]
    return DidNotStartError(reason=reasons[-1].rstrip(".") if reasons else _("it said nothing"), log=home.log)
