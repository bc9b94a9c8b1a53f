"""The acts of the desk."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Protocol

from typing_extensions import override

from till.domain.errors import LoginError, StoreAwayError, TillError
from till.domain.i18n import _
from till.tui.screens.desk.screen import DeskScreen
from till.tui.screens.desk.state import (
    DayOpened,
    DeskActDone,
    DeskActReady,
    DeskActRefused,
    DeskOutcome,
    DeskState,
    Enrolled,
    LinesRead,
    RowsRead,
)
from till.tui.screens.desk.written import Written, till_name
from till.tui.shell.scene import SideHost, SideScene

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.money.formats import LocaleFormats
    from till.ports.desk import DescribedAct, Desk, DeskAct, Picture, TillDay
    from till.tui.screens.report.words import ReportRequest
    from till.tui.shell.calls import Call
    from till.tui.shell.keymap import Keymap


class Host(SideHost, Protocol):
    """The app around the desk."""

    def open_day(self, day: TillDay, till_name: str) -> None:
        """Put a till's day on the screen."""

    def open_report(self, wanted: ReportRequest) -> None:
        """Put a report on the screen."""


class DeskActs(SideScene[DeskState, DeskOutcome, DeskScreen]):
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

    _host: Host

    def __init__(
        self,
        host: Host,
        screen: DeskScreen,
        desk: Desk,
        keymap: Keymap,
        marks: LocaleFormats,
        currency: str,
        monotonic: Callable[[], float],
    ) -> None:
        super().__init__(host, screen, keymap)
        self.state = DeskState()
        self._desk = desk
        self._written = Written(marks, currency)
        self._monotonic = monotonic
        self._picture: Picture | None = None
        self._looked_at = 0.0
        self._trouble = ""
        self._due = asyncio.Event()

    @override
    def refused(self, problem: TillError, asked: Call[Any, Any]) -> None:
        self.happens(DeskActRefused(problem.sentence, secret=isinstance(problem, LoginError)))

    def close(self) -> None:
        """Close the desk."""
        self._host.leave()

    async def do(self, act: DeskAct, password: str) -> DeskActDone | Enrolled:
        """Do something at the server. The password is for this act alone."""
        try:
            did = await self._desk.act(act, password)
        except StoreAwayError as problem:
            sentence = _("{why} It may have been done. Check before you repeat it.").format(why=problem.sentence)
            raise TillError(sentence) from problem
        with contextlib.suppress(TillError):  # the act is done; the next look reports that the database is away
            self._keep(await self._desk.look())
        return DeskActDone(did) if isinstance(did, str) else Enrolled(did)

    async def prepare(self, act: DescribedAct) -> DeskActReady:
        """Look up the subject of an act that was asked for in words."""
        return DeskActReady(await self._desk.prepare(act))

    async def read_rows(self, book: str, of: str) -> RowsRead:
        """Read a list that was asked for in words."""
        return RowsRead(book, of, await self._desk.rows(book, of))

    async def open_day(self, till: int, day: str) -> DayOpened:
        """Open a till's day; `day` is the text that was typed."""
        found = await self._desk.day(till, day)
        self._host.open_day(found, till_name(found.till, self._picture))
        return DayOpened()

    def open_report(self, wanted: ReportRequest) -> None:
        """Open a report."""
        self._host.open_report(wanted)

    def read_lines(self, session: str) -> None:
        """Read the lines of an order. Keys do not wait for them."""
        self._host.meanwhile(self._read_lines(session))

    async def _read_lines(self, session: str) -> None:
        try:
            lines = await self._desk.lines(session)
        except TillError:  # the sheet does without lines; the next look shows that the database is away
            self.look_soon()
            return
        self.happens(LinesRead(session, lines))

    def look_soon(self) -> None:
        """Look at the venue soon, because something changed."""
        self._due.set()

    def _keep(self, picture: Picture) -> None:
        self._picture, self._trouble = picture, ""
        self._looked_at = self._monotonic()
