"""The interface of the embedded server: a lease starts it, and releasing the last one stops it."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Self

from msgspec import Struct

from db import roles
from db.address import Address
from db.embedded import binaries, cluster, leases, locks, places, postmaster
from db.embedded.errors import BusyError, FolderError, InUseError, NotRunningError
from db.words import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import TracebackType

    from db.embedded.leases import Claim, Holder
    from db.embedded.places import Home

#: Seconds to wait for a recovery, or for another till that starts or stops the server.
PATIENCE_S = 600.0


class ServerStatus(Struct, frozen=True):
    """The status of the embedded server.

    Attributes:
        state: "not made", "stopped", "starting" (or recovering, or stopping) or "running".
        folder: the server's folder; the data folder before the server is created.
        pid: the process id, if the server runs.
        holders: the tills that use it.
        kept: True if it keeps running when the last of them closes.
    """

    state: str
    folder: Path
    pid: int | None
    holders: tuple[Holder, ...]
    kept: bool


class EmbeddedServer:
    """A PostgreSQL server in a data folder, shared by all tills of the machine that use this folder.

    All methods block, some for as long as a recovery takes. Call them in a thread.

    Args:
        data_dir: the till's data folder, created if missing.
        keep_running: keep the server running when the last till closes (`database.keep_running`).
        durable: False only for data that may be lost with the machine, as in tests.
        system_dir: the folder instead of `/var/lib/till` if root runs the till.
        patience_s: seconds to wait for a recovery, or for another till that starts or stops the server.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        keep_running: bool = False,
        durable: bool = True,
        system_dir: Path | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._data_dir = data_dir
        self._keep_running = keep_running
        self._durable = durable
        self._system_dir = system_dir or places.default_system_dir()
        self._patience_s = patience_s

    def acquire(self, holder: str, progress: Callable[[str], None] | None = None) -> Lease:
        """Start the server unless it runs, and keep it running until the lease is released.

        Args:
            holder: the name of this user for messages to others: "Till 1".
            progress: called with a sentence for each slow step.
        """
        home = places.settle(self._data_dir, self._system_dir)
        with self._control(home):
            leases.sweep(home.leases)
            claim = leases.claim(home.leases, holder)
            try:
                self._start(home, progress or _say_nothing)
            except BaseException:
                claim.drop()
                raise
        return Lease(self, partial(self._leave, home, claim))

    def ensure_running(self, progress: Callable[[str], None] | None = None) -> None:
        """Start the server again if it was killed. For holders of a lease whose connection broke."""
        home = places.settle(self._data_dir, self._system_dir)
        if postmaster.running(home) is None:
            with self._control(home):
                self._start(home, progress or _say_nothing)

    def keep(self) -> None:
        """Keep the server running after the last lease is released, until `stop`."""
        self._running()[0].kept.touch()

    def stop(self, *, even_if_used: bool = False) -> bool:
        """Stop the server. Return True if it ran.

        Raises:
            InUseError: tills use it, and `even_if_used` is False.
            DidNotStopError: it did not stop.
        """
        home = places.find(self._data_dir, self._system_dir)
        if home is None or not home.folder.is_dir():
            return False
        with self._control(home):
            users = leases.holders(home.leases)
            if users and not even_if_used:
                raise InUseError(holders=", ".join(map(str, users)))
            home.kept.unlink(missing_ok=True)
            ran = locks.is_held(home.server_lock)
            postmaster.stop(home)
        return ran

    def is_running(self) -> bool:
        """True if the server accepts connections now."""
        home = places.find(self._data_dir, self._system_dir)
        return home is not None and postmaster.running(home) is not None

    def wait_until_made(self) -> bool:
        """Wait while another process makes the server's data. Return False if there is none then."""
        home = places.find(self._data_dir, self._system_dir)
        if home is not None and not home.cluster.is_dir():
            locks.wait_until_free(home.control_lock, self._patience_s)
        return home is not None and home.cluster.is_dir()

    def status(self) -> ServerStatus:
        """Return the status. Neither creates nor starts the server."""
        home = places.find(self._data_dir, self._system_dir)
        if home is None or not home.cluster.is_dir():
            return ServerStatus("not made", home.folder if home else self._data_dir, None, (), kept=False)
        found = postmaster.running(home)
        state = "running" if found else "starting" if locks.is_held(home.server_lock) else "stopped"
        return ServerStatus(
            state, home.folder, found.pid if found else None, leases.holders(home.leases), kept=home.kept.exists()
        )

    def owner(self, dbname: str = cluster.DATABASE) -> Address:
        """Return the address with the owner's rights, authenticated by the operating system."""
        return self._address(self._running()[1], roles.OWNER, dbname)

    def app(self, dbname: str = cluster.DATABASE) -> Address:
        """Return the address for a till, as `till_app` with its password."""
        home, found = self._running()
        return self._address(found, roles.APP, dbname, home.password_file.read_text(encoding="ascii"))

    def owner_url(self) -> str:
        """Return `owner` as a URL, with the search path set."""
        return self.owner().with_search_path().url

    def _address(self, found: postmaster.PidFile, user: str, dbname: str, password: str | None = None) -> Address:
        return Address(found.sockets, places.PORT, dbname, user, password)

    def _running(self) -> tuple[Home, postmaster.PidFile]:
        home = places.find(self._data_dir, self._system_dir)
        found = postmaster.running(home) if home is not None else None
        if home is None or found is None:
            raise NotRunningError(folder=self._data_dir)
        return home, found

    def _start(self, home: Home, say: Callable[[str], None]) -> None:
        """Start the server unless it runs. Wait if it is starting or stopping."""
        while not postmaster.wait_until_ready(home, self._patience_s, say):
            log_size = self._launch(home, say)
            if log_size is not None and not postmaster.wait_until_ready(home, self._patience_s, say):
                raise postmaster.refusal(home, log_size)

    def _launch(self, home: Home, say: Callable[[str], None]) -> int | None:
        """Start a server, and create its data if missing. Return None if another process started one meanwhile."""
        lock = locks.open_lock(home.server_lock)
        try:
            if not locks.try_lock(lock):
                return None
            programs = binaries.for_home(home)
            if not home.cluster.is_dir():
                say(_("Making the database. This happens once."))
                cluster.make(home, programs, lock)
            return postmaster.start(home, programs, lock, durable=self._durable)
        except OSError as problem:
            raise FolderError(folder=home.folder, reason=problem.strerror, user=home.server.name) from problem
        finally:
            os.close(lock)

    def _leave(self, home: Home, claim: Claim) -> None:
        if not home.folder.is_dir():
            claim.drop()
            return
        with self._control(home):
            claim.drop()
            used = leases.sweep(home.leases)
            if not used and not self._keep_running and not home.kept.exists():
                postmaster.leave(home)

    @contextmanager
    def _control(self, home: Home) -> Iterator[None]:
        try:
            with locks.exclusively(home.control_lock, self._patience_s):
                yield
        except TimeoutError as problem:
            raise BusyError(seconds=round(self._patience_s)) from problem


class Lease:
    """A lease that keeps the server running. The end of the process releases it."""

    def __init__(self, server: EmbeddedServer, leave: Callable[[], None]) -> None:
        self.server = server
        self._leave: Callable[[], None] | None = leave
        self._turn = threading.Lock()

    def release(self) -> None:
        """Release the lease. The last one stops the server, unless it must keep running. A second call does nothing."""
        with self._turn:
            leave, self._leave = self._leave, None
        if leave is not None:
            leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _say_nothing(sentence: str) -> None:
    """Ignore the sentence about a slow step."""
