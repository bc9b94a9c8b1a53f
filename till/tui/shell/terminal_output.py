"""The output to a terminal: what it takes is written at once, the rest once it takes more, and nothing waits for it."""

from __future__ import annotations

import os
import signal
from select import select
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

#: The bytes after which paints are dropped for a terminal that does not read: some paints of a whole large screen.
_MOST: Final = 1 << 17
#: Seconds in which a terminal must take something when the till leaves it.
_PATIENCE_S: Final = 1.0


def hang_up() -> NoReturn:
    """End the till as a closed window does.

    The signal of a closed window goes to the first process of a terminal only. If that is `make` or a script, it waits
    for the till, which would keep its journal without a screen.
    """
    os.kill(os.getpid(), signal.SIGHUP)
    os._exit(128 + signal.SIGHUP)  # a caller of the till made it ignore hang-ups


def open_again(terminal: int, how: int) -> int | None:
    """Open a terminal once more, so that it never waits; None if it is none, or belongs to somebody else.

    To set that for the descriptor itself would set it for the shell, which shares it.
    """
    try:
        return os.open(os.ttyname(terminal), how | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None


class TerminalOutput:
    """Output to a terminal that never waits for it. If the terminal is gone, the till ends.

    A terminal that does not read keeps some paints waiting; those after them are dropped as a whole, so that no escape
    sequence is cut.

    Args:
        terminal: a descriptor that does not wait; `close` closes it.
        loop: the loop that watches it.
        encode: the encoding of the terminal.
        missed: called once the terminal has taken the rest, if paints were dropped.
    """

    def __init__(
        self,
        terminal: int,
        loop: asyncio.AbstractEventLoop,
        encode: Callable[[str], bytes],
        missed: Callable[[], None],
    ) -> None:
        self._terminal = terminal
        self._loop = loop
        self._encode = encode
        self._missed = missed
        self._paint: list[str] = []
        self._rest = b""
        self._has_dropped = False

    def write(self, text: str) -> None:
        """Add text to the paint that `flush` writes."""
        self._paint.append(text)

    def flush(self) -> None:
        """Write the paint."""
        paint, self._paint = self._encode("".join(self._paint)), []
        if not self._rest:
            self._rest = self._untaken(paint)
            if self._rest:
                self._loop.add_writer(self._terminal, self._write_on)
        elif len(self._rest) < _MOST:
            self._rest += paint
        else:
            self._has_dropped = True

    def _untaken(self, text: bytes) -> bytes:
        """Write what the terminal takes now, and return the rest."""
        try:
            return text[os.write(self._terminal, text) :]
        except BlockingIOError:
            return text
        except OSError:
            hang_up()

    def _write_on(self) -> None:
        self._rest = self._untaken(self._rest)
        if not self._rest:
            self._loop.remove_writer(self._terminal)
            if self._has_dropped:
                self._has_dropped = False
                self._missed()

    def catch_up(self) -> None:
        """Wait until the terminal has taken the rest; a terminal that takes nothing loses it."""
        self._loop.remove_writer(self._terminal)
        while self._rest and select([], [self._terminal], [], _PATIENCE_S)[1]:
            self._rest = self._untaken(self._rest)
        self._rest, self._has_dropped = b"", False

    def close(self) -> None:
        """Write the rest and close the terminal."""
        self.catch_up()
        os.close(self._terminal)
