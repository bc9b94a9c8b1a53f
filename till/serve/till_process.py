"""A till in a pseudo-terminal of its own, which sees a hang-up if this process ends."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import signal
import struct
import sys
import termios
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

#: Takes the pseudo-terminal as the controlling one, then becomes the till. It must see a hang-up, even if the server
#: was started to ignore them.
_LOGIN: Final = (
    "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_DFL); os.login_tty(0); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
_CHUNK: Final = 65536
#: Seconds for a till to close its journal after a hang-up.
_PATIENCE_S: Final = 10.0
#: The variables that a till needs. Others may hold passwords, or the login of whoever started the server.
_PASSED: Final = frozenset(
    {
        *("HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "TMPDIR", "TZ", "USER"),
        *("TILL_CONFIG", "TILL_DATA_DIR", "TILL_SYSTEM_DIR"),
    }
)
_PASSED_BEGINS: Final = ("LC_", "XDG_")


class Size(NamedTuple):
    """A terminal's size in cells."""

    columns: int
    rows: int


def till_environment(environment: Mapping[str, str], minutes: int) -> dict[str, str]:
    """Return the environment of a phone's till. Its screen is for fingers, and locks after these idle minutes."""
    kept = {
        name: value
        for name, value in environment.items()
        if name in _PASSED or name.startswith(_PASSED_BEGINS) or (name.startswith("TILL_") and "__" in name)
    }
    terminal = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    own = {"TILL_SESSION__IDLE_MINUTES": str(minutes), "TILL_UI__TOUCH": "true"}
    return {"LANG": "C.UTF-8", **kept, **terminal, **own}


class TillProcess:
    """A process in a pseudo-terminal. `start` begins it.

    Args:
        command: the program, as a path, and its arguments.
        environment: its whole environment.
        size: the size of its terminal.
        output: takes what it writes.
        ended: called once, with the exit code.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        size: Size,
        output: Callable[[bytes], None],
        ended: Callable[[int], None],
    ) -> None:
        self._command = command
        self._environment = environment
        self._output = output
        self._ended = ended
        self._terminal, self._inner = os.openpty()
        os.set_blocking(self._terminal, False)
        self._writing = asyncio.Lock()
        self._ready = asyncio.Event()
        self._over: asyncio.Task[None] | None = None
        self.resize(size)

    async def start(self) -> None:
        """Start the process."""
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-ISc", _LOGIN, *self._command),
                stdin=self._inner,
                stdout=self._inner,
                stderr=self._inner,
                env=self._environment,
            )
        except BaseException:
            self._close()
            raise
        finally:
            os.close(self._inner)
        self._process = process
        asyncio.get_running_loop().add_reader(self._terminal, self._read)
        self._over = asyncio.create_task(self._wait())

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def write(self, data: bytes) -> bool:
        """Write keys. Return True once the terminal has taken them all; False if the till has ended."""
        async with self._writing:
            while data and self._terminal >= 0:
                try:
                    data = data[os.write(self._terminal, data) :]
                except BlockingIOError:  # the till does not read
                    await self._writable()
        return not data

    async def _writable(self) -> None:
        self._ready.clear()
        asyncio.get_running_loop().add_writer(self._terminal, self._ready.set)
        await self._ready.wait()
        if self._terminal >= 0:
            asyncio.get_running_loop().remove_writer(self._terminal)

    def resize(self, size: Size) -> None:
        """Give the terminal another size."""
        if self._terminal >= 0:
            fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size.rows, size.columns, 0, 0))

    def repaint(self) -> None:
        """Make the till set the modes of its terminal, and paint all of its screen, as after a pause."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGCONT)

    async def hang_up(self) -> None:
        """End the till as a closed window does, and wait for it."""
        self._close()
        if self._over is None:
            return
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await asyncio.shield(self._over)
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._over

    async def _wait(self) -> None:
        code = await self._process.wait()
        if self._terminal >= 0:
            self._read()  # its last words
        self._close()
        self._ended(code)

    def _read(self) -> None:
        try:
            data = os.read(self._terminal, _CHUNK)
        except BlockingIOError:
            return
        except OSError as problem:  # EIO: no process has the other end
            if problem.errno != errno.EIO:
                raise
            data = b""
        if data:
            self._output(data)
        else:
            asyncio.get_running_loop().remove_reader(self._terminal)

    def _close(self) -> None:
        if self._terminal >= 0:
            asyncio.get_running_loop().remove_reader(self._terminal)
            asyncio.get_running_loop().remove_writer(self._terminal)
            os.close(self._terminal)
            self._terminal = -1
            self._ready.set()
