"""The running desk: keeps its state, watches the venue and carries out effects."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from till.domain.errors import LoginError, StoreAwayError, TillError
from till.domain.i18n import _
from till.tui.drawing.widgets.entry import answer_room
from till.tui.screens.desk.effects import (
    Act,
    CloseDesk,
    DayOpened,
    Done,
    Enrolled,
    LinesRead,
    OpenDay,
    Pointed,
    Prepare,
    ReadLines,
    ReadRows,
    Ready,
    Refused,
    RowsRead,
)
from till.tui.screens.desk.presenter import DeskPresenter
from till.tui.screens.desk.reduce import reduce
from till.tui.screens.desk.state import DeskFacts, DeskState
from till.tui.screens.desk.written import till_name
from till.tui.shell.keymap import CLOSE
from till.tui.shell.messages import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime

    from till.domain.money.formats import Marks
    from till.ports.desk import Desk, Picture, SaidAct, TillDay
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.desk.effects import DeskEffect, DeskHappening
    from till.tui.screens.desk.screen import DeskScreen
    from till.tui.shell.keymap import Keymap, KeyPress

#: Seconds between looks at the venue when no notification arrives.
LOOK_S: Final = 3.0
#: Seconds to wait after a notification, so that a burst of them costs one look.
_BURST_S: Final = 0.2


class Host(Protocol):
    """The app around the desk."""

    def start(self, work: Coroutine[None, None, None]) -> None:
        """Run something beside the keys."""
        ...

    def press(self, press: KeyPress) -> None:
        """Pass a key that waited to the scene in front."""
        ...

    def open_day(self, day: TillDay, till_name: str) -> None:
        """Put a till's day on the screen."""
        ...

    def leave(self) -> None:
        """Close the desk."""
        ...


class DeskScene:
    """The scene of the desk: its state, its picture of the venue, and the keys that wait.

    Args:
        host: the app.
        screen: the widgets.
        desk: the database.
        keymap: the keys of each command.
        marks: the number format.
        currency: the venue's currency code.
        monotonic: the monotonic clock, in seconds.
    """

    message = Answer()

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
        self._presenter = DeskPresenter(marks, currency)
        self._monotonic = monotonic
        self._picture: Picture | None = None
        self._looked_at = 0.0
        self._trouble = ""
        self._due = asyncio.Event()
        self._waiting: deque[KeyPress] = deque()
        self._held = 0

    # Keys.

    def press(self, press: KeyPress) -> None:
        """Act on a key, or queue it while an act is under way at the server."""
        self._waiting.append(press)
        self._drain()

    def take(self, press: KeyPress) -> None:
        """Act on a key now."""
        self._happens(press)

    def closes(self, press: KeyPress) -> bool:
        """True if a key closes the desk."""
        return self._keymap.command(press) == CLOSE

    def _drain(self) -> None:
        while self._waiting and not self._held:
            self._host.press(self._waiting.popleft())
        self.paint()

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Act on a click."""
        if self._held:
            return
        if widget is self.screen.acts:
            self._happens(Pointed(None, place))
        for listed, cards in self.screen.lists.items():
            if widget is cards:
                self._happens(Pointed(listed, place))
        self.paint()

    @property
    def is_held(self) -> bool:
        """True while an act is under way at the server and keys wait for it."""
        return self._held > 0

    def _happens(self, event: KeyPress | DeskHappening) -> None:
        self.state, effects = reduce(self.state, event, self.facts())
        for effect in effects:
            self._carry_out(effect)

    def _carry_out(self, effect: DeskEffect) -> None:
        match effect:
            case Act():
                self._held += 1
                self._host.start(self._act(effect))
            case ReadLines(session=session):
                self._host.start(self._read_lines(session))
            case OpenDay(till=till, day=day):
                self._held += 1
                self._host.start(self._open_day(till, day))
            case ReadRows():
                self._held += 1
                self._host.start(self._read_rows(effect))
            case Prepare(act=act):
                self._held += 1
                self._host.start(self._prepare(act))
            case CloseDesk():
                self._host.leave()

    async def _act(self, effect: Act) -> None:
        try:
            did = await self._desk.act(effect.act, effect.password)
            with contextlib.suppress(TillError):  # the act is done; the next look reports that the database is away
                self._take(await self._desk.look())
        except TillError as problem:
            said = problem.sentence
            if isinstance(problem, StoreAwayError):
                said = _("{why} It may have been done. Check before you repeat it.").format(why=said)
            self._happens(Refused(said, secret=isinstance(problem, LoginError)))
        else:
            self._happens(Done(did) if isinstance(did, str) else Enrolled(did))
        finally:
            self._held -= 1
            self._drain()

    async def _read_rows(self, effect: ReadRows) -> None:
        try:
            rows = await self._desk.rows(effect.book, effect.of)
        except TillError as problem:
            self._happens(Refused(problem.sentence))
        else:
            self._happens(RowsRead(effect.book, effect.of, rows))
        finally:
            self._held -= 1
            self._drain()

    async def _prepare(self, act: SaidAct) -> None:
        try:
            found = await self._desk.prepare(act)
        except TillError as problem:
            self._happens(Refused(problem.sentence))
        else:
            self._happens(Ready(found))
        finally:
            self._held -= 1
            self._drain()

    async def _open_day(self, till: int, day: str) -> None:
        try:
            found = await self._desk.day(till, day)
        except TillError as problem:
            self._happens(Refused(problem.sentence))
        else:
            self._happens(DayOpened())
            self._host.open_day(found, till_name(till, self._picture))
        finally:
            self._held -= 1
            self._drain()

    async def _read_lines(self, session: str) -> None:
        try:
            lines = await self._desk.lines(session)
        except TillError:  # the sheet does without lines; the next look shows that the database is away
            self.look_soon()
            return
        self._happens(LinesRead(session, lines))
        self.paint()

    # The venue.

    def look_soon(self) -> None:
        """Look at the venue soon, because something changed."""
        self._due.set()

    async def watch(self) -> None:
        """Look at the venue periodically, and whenever the database notifies of a change."""
        while True:
            await self._look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._due.wait()
                    await asyncio.sleep(_BURST_S)
            self._due.clear()

    async def follow(self) -> None:
        """Listen for notifications of the database."""
        await self._desk.follow(self.look_soon)

    async def _look(self) -> None:
        try:
            self._take(await self._desk.look())
        except TillError as problem:
            self._trouble = problem.sentence
        self.paint()

    def _take(self, picture: Picture) -> None:
        self._picture, self._trouble = picture, ""
        self._looked_at = self._monotonic()

    # Facts and painting.

    def facts(self) -> DeskFacts:
        """Return the current facts."""
        return DeskFacts(
            keymap=self._keymap,
            picture=self._picture,
            trouble=self._trouble,
            since=self._picture.now if self._picture is not None else None,
            now=self._now(),
            person=self._desk.person,
            asks_password=self._desk.asks_password,
            is_held=self.is_held,
        )

    def _now(self) -> datetime | None:
        """Return the database's time, advanced by the monotonic clock. This machine's wall clock may be wrong."""
        if self._picture is None:
            return None
        return self._picture.now + timedelta(seconds=self._monotonic() - self._looked_at)

    def paint(self) -> None:
        """Update the widgets from the state."""
        screen = self.screen
        room = answer_room(*screen.app.size)
        screen.show(self._presenter.views(self.state, self.facts(), wide=screen.is_wide, room=room))
