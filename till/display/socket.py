"""The socket by which displays of guests follow their till. The till writes the newest picture, and reads nothing."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from typing_extensions import override

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: The most displays of a till.
_MOST: Final = 8
#: The most bytes of a picture.
_LIMIT: Final = 1 << 20
#: Seconds from one try to reach a till to the next.
_AGAIN_S: Final = 0.5
_OURS_ALONE: Final = 0o600


@contextmanager
def _reachable(path: Path) -> Iterator[str]:
    """Yield a short name of a path: the path of a socket has at most 107 bytes, and a data folder may be deep."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}" if Path("/proc/self/fd").is_dir() else str(path)
    finally:
        os.close(folder)


class _Follower(asyncio.Protocol):
    """A display that follows the till. One that hangs misses pictures: only the newest waits for it."""

    def __init__(self, server: GuestSocket) -> None:
        self._server = server
        self._waits: bytes | None = None
        self._is_full = False
        self.transport: asyncio.WriteTransport

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)  # noqa: S101 - for the type checker
        self.transport = transport
        transport.set_write_buffer_limits(0)  # full as soon as a picture is not written whole
        self._server.joined(self)

    def show(self, picture: bytes) -> None:
        """Write a picture once the one before is written."""
        if self._is_full:
            self._waits = picture
        else:
            self.transport.write(picture)

    @override
    def pause_writing(self) -> None:
        self._is_full = True

    @override
    def resume_writing(self) -> None:
        self._is_full = False
        if self._waits is not None:
            picture, self._waits = self._waits, None
            self.show(picture)

    @override
    def data_received(self, data: bytes) -> None:
        """Hang up: a display has nothing to say."""
        self.transport.abort()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._server.left(self)


class GuestSocket:
    """The socket of a till for its displays.

    The till alone has its journal, so a socket that is there already was left by a till that was killed.

    Args:
        path: the path of the socket.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._picture = b""
        self._followers: set[_Follower] = set()
        self._server: asyncio.Server | None = None
        #: Set while a display follows.
        self.is_followed = asyncio.Event()

    async def open(self) -> None:
        """Open the socket, for this user alone.

        Raises:
            OSError: it cannot be made.
        """
        self._path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX)
        try:
            with _reachable(self._path) as name:
                listening.bind(name)
            self._path.chmod(_OURS_ALONE)  # nobody connects before it listens
            self._server = await asyncio.get_running_loop().create_unix_server(lambda: _Follower(self), sock=listening)
        except OSError:
            listening.close()
            raise

    def show(self, picture: bytes) -> None:
        """Show a picture on every display, without waiting for any."""
        self._picture = picture + b"\n"
        for one in self._followers:
            one.show(self._picture)

    def joined(self, follower: _Follower) -> None:
        """Show the newest picture to one more display, unless there are too many."""
        if len(self._followers) >= _MOST:
            follower.transport.abort()
            return
        self._followers.add(follower)
        self.is_followed.set()
        if self._picture:
            follower.show(self._picture)

    def left(self, follower: _Follower) -> None:
        """Forget a display."""
        self._followers.discard(follower)
        if not self._followers:
            self.is_followed.clear()

    def close(self) -> None:
        """Hang up, and remove the socket."""
        for one in tuple(self._followers):
            one.transport.abort()
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)


async def follow_till(path: Path, shown: Callable[[bytes | None], None]) -> None:
    """Follow a till until cancelled; `shown` is called with each picture, and with None while there is no till."""
    while True:
        try:
            with _reachable(path) as name:
                pictures, hangs_up = await asyncio.open_unix_connection(name, limit=_LIMIT)
            try:
                while (picture := await pictures.readline()).endswith(b"\n"):
                    shown(picture)
            finally:
                hangs_up.close()
        except (OSError, ValueError):  # no till, or a picture beyond the limit
            pass
        shown(None)
        await asyncio.sleep(_AGAIN_S)
