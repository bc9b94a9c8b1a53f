"""A printer behind a device file, such as `/dev/usb/lp0`: opened for one job, in a thread of its own."""

from __future__ import annotations

import asyncio
import os
import select
import socket
import tty
from contextlib import suppress
from errno import EINVAL
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import TYPE_CHECKING, Final

from till.devices.escpos import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Callable

_HOW: Final = os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_AT_ONCE: Final = 4096
#: The most pieces of old answers that are dropped before a job.
_OLD: Final = 64


class FileWire:
    """A device file that is open for one job.

    Attributes:
        can_read: False if the device cannot answer (`EINVAL` on reading, as `usblp` of the kernel does).

    Args:
        path: the device file.
        received: called with the bytes that arrive.
        lost: called once when the file is closed.
    """

    def __init__(self, path: str, received: Callable[[bytes], None], lost: Callable[[], None]) -> None:
        self.can_read = True
        self._path = path
        self._received = received
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._to_write: SimpleQueue[bytes] = SimpleQueue()
        self._given = 0
        self._written = asyncio.Event()
        self._written.set()
        self._is_closed = False
        self._wake, self._woken = socket.socketpair()
        self._taken = Semaphore(0)

    async def open(self) -> None:
        """Open the file.

        Raises:
            OSError: it cannot be opened.
        """
        Thread(target=self._run, name="printer", daemon=True).start()  # a device that hangs does not keep the till
        await self._opened

    def write(self, data: bytes) -> None:
        """Write after all that was written before."""
        self._given += len(data)
        self._written.clear()
        self._to_write.put(data)
        self._wake_up()

    async def written(self) -> None:
        """Wait until the device has taken everything, by `poll`."""
        await self._written.wait()

    def close(self) -> None:
        """Close the file. The kernel drops what the device has not taken."""
        self._is_closed = True
        self._wake_up()

    def _wake_up(self) -> None:
        with suppress(OSError):  # the thread has ended
            self._wake.send(b"\0")

    # In the thread

    def _run(self) -> None:
        with self._wake, self._woken:
            try:
                file = os.open(self._path, _HOW)
            except OSError as fault:
                self._call(self._resolve, fault)
                return
            try:
                if os.isatty(file):
                    tty.setraw(file)
                self.can_read = _can_read(file)
                self._call(self._resolve, None)
                self._serve(file)
            except OSError as fault:
                self._call(self._resolve, fault)
            finally:
                os.close(file)
                self._call(self._end)

    def _serve(self, file: int) -> None:
        """Read and write until the file is closed or the device is gone."""
        poller = select.poll()
        poller.register(self._woken, select.POLLIN)
        pending, taken, is_known = b"", 0, True
        while not self._is_closed:
            if not pending and not self._to_write.empty():
                pending = self._to_write.get()
            wanted = (select.POLLIN if self.can_read else 0) | (select.POLLOUT if pending or not is_known else 0)
            poller.register(file, wanted)
            events = dict(poller.poll())
            if self._woken.fileno() in events:
                self._woken.recv(_AT_ONCE)
            event = events.get(file, 0)
            if event & select.POLLIN:
                with suppress(BlockingIOError):
                    if not (data := os.read(file, AT_ONCE)):
                        return
                    if not self._call(self._take, data):
                        return
                    self._taken.acquire()  # no second piece in the same turn of the loop
            elif event & (select.POLLERR | select.POLLHUP | select.POLLNVAL):
                return
            if event & select.POLLOUT and pending:
                with suppress(BlockingIOError):
                    size = os.write(file, pending[:_AT_ONCE])
                    pending, taken, is_known = pending[size:], taken + size, False
            elif event & select.POLLOUT:
                is_known = True
                self._call(self._note_written, taken)

    def _call(self, do: Callable[..., None], *arguments: object) -> bool:
        """Have the loop do something; False if the till has ended."""
        try:
            self._loop.call_soon_threadsafe(do, *arguments)
        except RuntimeError:
            return False
        return True

    # In the loop

    def _take(self, data: bytes) -> None:
        try:
            self._received(data)
        finally:
            self._taken.release()

    def _resolve(self, fault: OSError | None) -> None:
        if self._opened.done():
            return
        if fault is None:
            self._opened.set_result(None)
        else:
            self._opened.set_exception(fault)

    def _note_written(self, taken: int) -> None:
        if taken == self._given:
            self._written.set()

    def _end(self) -> None:
        self._written.set()
        self._lost()


def _can_read(file: int) -> bool:
    """Drop the answers of an earlier job; True if the device can answer."""
    try:
        for _ in range(_OLD):
            if not os.read(file, _AT_ONCE):  # a plain file
                return False
    except BlockingIOError:
        return True
    except OSError as fault:
        if fault.errno != EINVAL:
            raise
        return False
    return True
