"""The tills that run for phones. A run outlives its socket by some minutes, so that a blink costs nothing."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from till import __version__
from till.domain.i18n import _, speaking
from till.domain.text import clean
from till.serve.messages import ServerMessage
from till.serve.till_process import TillProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from till.config.phones import Phones
    from till.serve.messages import PageMessage
    from till.serve.till_process import Size

#: The last bytes with which a till sets up its terminal: from here on it can paint all again.
_PAINTS: Final = b"\x1b[?2004h"
#: The bytes with which it leaves its screen.
_LEAVES: Final = b"\x1b[?1049l"
_ESCAPES: Final = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|[^\[])|\r")
#: The most bytes of output on the way to a page. A page that does not read misses paints, and gets a whole one later.
_AHEAD: Final = 131_072
#: The most bytes kept of what a till writes before it paints.
_HEAD: Final = 8192
#: The most loads of a page whose numbers are kept.
_LOADS: Final = 8
_log: Final = logging.getLogger(__name__)


class Socket(Protocol):
    """A page's connection."""

    @property
    def mark(self) -> str:
        """The mark of the cookie that opened it."""

    @property
    def waiting(self) -> int:
        """The bytes that its phone has not read yet."""

    def paint(self, output: bytes) -> None:
        """Send output of the till."""

    def tell(self, message: ServerMessage) -> None:
        """Send a message."""

    def end(self, code: int) -> None:
        """Close the connection."""


#: The reasons for which the server closes a socket, as the page knows them.
ELSEWHERE: Final = 4001
NO_WAY_IN: Final = 4002
MISUSED: Final = 4003


class PhoneRun:
    """A run of a phone's till, from the start of its process to its end.

    Args:
        till: its number.
        mark: the mark of the cookie that started it.
        now: the time on the clock of `Runs`.
        language: the language of its page.
    """

    def __init__(self, till: int, mark: str, now: float, language: str) -> None:
        self.till = till
        self._language = language
        self.mark = mark
        self.id = secrets.token_urlsafe(12)
        self.is_over = False
        self.socket: Socket | None = None
        self.left_at = now
        self._process: TillProcess | None = None
        self._head = b""
        self._paints = self._began = False
        self._behind = False
        self._tail = b""
        self._code = 0
        self._taken: dict[str, int] = {}
        self._taking = asyncio.Lock()

    async def start(self, command: Sequence[str], environment: Mapping[str, str], size: Size) -> None:
        """Start its process."""
        self._process = TillProcess(command, environment, size, self._output, self._ended)
        await self._process.start()
        _log.info("phone_till_started", extra={"till": self.till, "pid": self._process.pid})

    def attach(self, socket: Socket, load: str, size: Size | None, now: float) -> None:
        """Show the run on a page. An older page's socket ends."""
        self.leave(self.socket, now, ELSEWHERE)
        self.socket = socket
        taken = self._taken.pop(load, 0)
        self._taken[load] = taken
        if len(self._taken) > _LOADS:
            del self._taken[next(iter(self._taken))]
        socket.tell(ServerMessage(run=self.id, version=__version__, taken=taken))
        if self.is_over:
            self._tell_end()
        elif self._process is not None:
            if size is not None:
                self._process.resize(size)
            if self._paints:
                self._paint_all()
            else:
                socket.paint(self._head)

    def leave(self, socket: Socket | None, now: float, code: int = 0) -> None:
        """Run on without a socket that has closed, or that is closed now for a reason."""
        if socket is not None and socket is self.socket:
            self.socket = None
            self.left_at = now
            if code:
                socket.end(code)

    async def take(self, socket: Socket, load: str, message: PageMessage) -> bool:
        """Write keys to the till and acknowledge them, if they are the next ones. Return False if some are missing.

        Keys that were written already are only acknowledged; those for a till that has ended are not.
        """
        number = message.number or 0
        async with self._taking:
            taken = self._taken.get(load, 0)
            if number > taken + 1:
                return False
            if number == taken + 1:
                if self._process is None or not await self._process.write(message.keys.encode()):
                    return True
                self._taken[load] = number
            if socket is self.socket:
                socket.tell(ServerMessage(taken=number))
        return True

    def resize(self, size: Size) -> None:
        """Give the till the size of the page."""
        if self._process is not None:
            self._process.resize(size)

    async def hang_up(self, now: float, code: int) -> None:
        """End the run as a closed window does."""
        self.leave(self.socket, now, code)
        if self._process is not None:
            await self._process.hang_up()

    def drained(self) -> None:
        """Paint all again if the page missed output, and has read the rest."""
        if self._behind and self.socket is not None and not self.socket.waiting:
            self._paint_all()

    def _paint_all(self) -> None:
        self._behind = False
        if self.socket is not None and self._process is not None:
            self.socket.paint(b"\x18")  # ends half an escape sequence of the output before
            self._process.repaint()

    def _output(self, data: bytes) -> None:
        self._watch(data)
        socket = self.socket
        if socket is None:
            return
        if self._behind or socket.waiting + len(data) > _AHEAD:
            self._behind = True
            self.drained()
        else:
            socket.paint(data)

    def _watch(self, data: bytes) -> None:
        """Follow whether the till paints, and keep what it writes while it does not."""
        seen = self._tail + data
        self._tail = seen[-(len(_PAINTS) - 1) :]
        if self._paints and (left := seen.rfind(_LEAVES)) >= 0:
            self._paints, self._head = False, seen[left:]
        elif not self._paints:
            self._head = (self._head + data)[:_HEAD]
            if _PAINTS in seen:
                self._paints, self._began, self._head = True, True, b""

    def _ended(self, code: int) -> None:
        self.is_over, self._code = True, code
        _log.info("phone_till_ended", extra={"till": self.till, "code": code})
        self._tell_end()

    def _tell_end(self) -> None:
        if self.socket is not None:
            text = _ESCAPES.sub("", self._head.decode("utf-8", "replace"))
            lines = [clean(line).strip() for line in text.splitlines()]
            if self._began and self._code:  # it was no refusal to start, and nobody closed it
                with speaking(self._language):
                    lines = [_("The till stopped. Nothing is lost."), *lines]
            self.socket.tell(ServerMessage(ended=True, words=" ".join(filter(None, lines))))


class Limits(Struct, frozen=True):
    """The limits of the runs.

    Attributes:
        tills: the most tills at once.
        minutes: minutes that a till runs on without a socket.
    """

    tills: int
    minutes: float


class Runs:
    """The runs of this machine, at most one a till.

    Args:
        phones: the ways in.
        command: returns the command that runs a till.
        environment: the environment of the tills.
        limits: the limits of the runs.
        now: seconds of a clock that only runs forward.
    """

    def __init__(
        self,
        phones: Phones,
        command: Callable[[int], Sequence[str]],
        environment: Mapping[str, str],
        limits: Limits,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._phones = phones
        self._command = command
        self._environment = environment
        self._limits = limits
        self._now = now
        self._runs: dict[int, PhoneRun] = {}
        self._turns: dict[int, asyncio.Lock] = {}

    async def attach(self, till: int, socket: Socket, message: PageMessage, size: Size) -> PhoneRun | None:
        """Show a till on a page, and start it if it does not run. Return None if it may not run, or not here."""
        async with self._turn(till):
            run = self._runs.get(till)
            mark = self._phones.mark(till)
            if run is not None and run.mark != mark:
                await self._end(run, NO_WAY_IN)
                run = None
            if not mark or socket.mark != mark:
                socket.end(NO_WAY_IN)
                return None
            if run is None or (run.is_over and (message.start or message.run != run.id)):
                if sum(not one.is_over for one in self._runs.values() if one.till != till) >= self._limits.tills:
                    with speaking(self._phones.language(till)):
                        words = _(
                            "{n} tills run here, and no more may: serve.tills. Log out on a phone that is not in use."
                        )
                    socket.tell(ServerMessage(ended=True, words=words.format(n=self._limits.tills)))
                    return None
                run = PhoneRun(till, mark, self._now(), self._phones.language(till))
                await run.start(self._command(till), self._environment, size)
                self._runs[till] = run
            run.attach(socket, message.load, size, self._now())
            return run

    def leave(self, run: PhoneRun, socket: Socket) -> None:
        """Run a till on without a socket that has closed."""
        run.leave(socket, self._now())

    async def sweep(self) -> None:
        """End the runs whose cookie opens no more, and those that were left too long ago."""
        await asyncio.gather(*(self._end_if_due(run) for run in list(self._runs.values())))

    async def close(self) -> None:
        """End all runs, as closed windows."""
        await asyncio.gather(*(self._end(run, 0) for run in list(self._runs.values())))

    def _turn(self, till: int) -> asyncio.Lock:
        return self._turns.setdefault(till, asyncio.Lock())

    async def _end_if_due(self, run: PhoneRun) -> None:
        async with self._turn(run.till):
            if run.mark != self._phones.mark(run.till):
                await self._end(run, NO_WAY_IN)
            elif run.socket is None and self._now() - run.left_at >= self._limits.minutes * 60:
                await self._end(run, 0)

    async def _end(self, run: PhoneRun, code: int) -> None:
        await run.hang_up(self._now(), code)
        if self._runs.get(run.till) is run:
            del self._runs[run.till]
