"""The acts of the desk."""

from __future__ import annotations

import asyncio
import contextlib
from abc import abstractmethod
from collections import deque
from typing import TYPE_CHECKING, Protocol, TypeVar

from till.domain.errors import LoginError, StoreAwayError, TillError
from till.domain.i18n import _
from till.tui.screens.desk.state import (
    DayOpened,
    DeskOutcome,
    DeskState,
    Done,
    Enrolled,
    LinesRead,
    Ready,
    Refused,
    RowsRead,
)
from till.tui.screens.desk.written import Written, till_name
from till.tui.shell.scene import ReducedScene

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from till.domain.money.formats import Marks
    from till.ports.desk import DescribedAct, Desk, DeskAct, Enrolment, Picture, TillDay
    from till.tui.screens.desk.screen import DeskScreen
    from till.tui.screens.report.words import Wanted
    from till.tui.shell.keymap import Keymap, KeyPress

T = TypeVar("T")


class Host(Protocol):
    """The app around the desk."""

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Run something in the background."""

    def press(self, press: KeyPress) -> None:
        """Pass a key that waited to the scene in front."""

    def open_day(self, day: TillDay, till_name: str) -> None:
        """Put a till's day on the screen."""

    def open_report(self, wanted: Wanted) -> None:
        """Put a report on the screen."""

    def leave(self) -> None:
        """Close the desk."""


class DeskActs(ReducedScene[DeskState, DeskOutcome]):
    """The acts of the scene, which its reducer calls.

    Args:
        host: the app.
        screen: the widgets.
        desk: the database.
        keymap: the keys of each command.
        marks: the number format.
        currency: the venue's currency code.
        monotonic: the monotonic clock, in seconds.
    """

    def __init__(
        self,
        host: Host,
        screen: DeskScreen,
        desk: Desk,
        keymap: Keymap,
        marks: Marks,
        currency: str,
        monotonic: Callable[[], float],
    ) -> None:
        self.state = DeskState()
        self.screen = screen
        self._host = host
        self._desk = desk
        self._keymap = keymap
        self._written = Written(marks, currency)
        self._monotonic = monotonic
        self._picture: Picture | None = None
        self._looked_at = 0.0
        self._trouble = ""
        self._due = asyncio.Event()
        self._waiting: deque[KeyPress] = deque()
        self._held = 0

    @property
    def is_held(self) -> bool:
        """True while an act is under way at the server and keys wait for it."""
        return self._held > 0

    @abstractmethod
    def drain(self) -> None:
        """Act on the keys that waited, unless they still have to, and paint."""

    def close(self) -> None:
        """Close the desk."""
        self._host.leave()

    def do(self, act: DeskAct, password: str) -> None:
        """Do something at the server. The password is for this act alone."""
        self._hold(lambda: self._do(act, password), lambda did: Done(did) if isinstance(did, str) else Enrolled(did))

    async def _do(self, act: DeskAct, password: str) -> str | Enrolment:
        try:
            did = await self._desk.act(act, password)
        except StoreAwayError as problem:
            sentence = _("{why} It may have been done. Check before you repeat it.").format(why=problem.sentence)
            raise TillError(sentence) from problem
        with contextlib.suppress(TillError):  # the act is done; the next look reports that the database is away
            self._keep(await self._desk.look())
        return did

    def prepare(self, act: DescribedAct) -> None:
        """Look up the subject of an act that was asked for in words."""
        self._hold(lambda: self._desk.prepare(act), Ready)

    def read_rows(self, book: str, of: str) -> None:
        """Read a list that was asked for in words."""
        self._hold(lambda: self._desk.rows(book, of), lambda rows: RowsRead(book, of, rows))

    def open_day(self, till: int, day: str) -> None:
        """Open a till's day; `day` is the text that was typed."""
        self._hold(lambda: self._desk.day(till, day), self._open_day)

    def _open_day(self, found: TillDay) -> DeskOutcome:
        self._host.open_day(found, till_name(found.till, self._picture))
        return DayOpened()

    def open_report(self, wanted: Wanted) -> None:
        """Open a report."""
        self._host.open_report(wanted)

    def _hold(self, work: Callable[[], Awaitable[T]], outcome: Callable[[T], DeskOutcome]) -> None:
        """Let the keys wait until the server answered."""
        self._held += 1
        self._host.start(self._wait(work, outcome))

    async def _wait(self, work: Callable[[], Awaitable[T]], outcome: Callable[[T], DeskOutcome]) -> None:
        try:
            self.happens(outcome(await work()))
        except TillError as problem:
            self.happens(Refused(problem.sentence, secret=isinstance(problem, LoginError)))
        finally:
            self._held -= 1
            self.drain()

    def read_lines(self, session: str) -> None:
        """Read the lines of an order. Keys do not wait for them."""
        self._host.start(self._read_lines(session))

    async def _read_lines(self, session: str) -> None:
        try:
            lines = await self._desk.lines(session)
        except TillError:  # the sheet does without lines; the next look shows that the database is away
            self.look_soon()
            return
        self.happens(LinesRead(session, lines))
        self.drain()

    def look_soon(self) -> None:
        """Look at the venue soon, because something changed."""
        self._due.set()

    def _keep(self, picture: Picture) -> None:
        self._picture, self._trouble = picture, ""
        self._looked_at = self._monotonic()
