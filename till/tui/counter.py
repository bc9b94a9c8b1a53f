"""What every scene shares: the register, the keys, who is at the till, and the way from one scene to another."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from till.domain.errors import TillError
from till.domain.i18n import _
from till.ports import LightState
from till.tui.palette import Mark, Role
from till.tui.sights import light_said
from till.tui.view import KeyView, Said, StatusView

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime

    from till.domain.order.state import Order
    from till.ports import RemoteSession, Store
    from till.register.register import Register
    from till.tui.desk import Desk
    from till.tui.desks import LoginDesk, PayDesk, SellDesk
    from till.tui.sights import Board
    from till.tui.strokes import Command, Keymap, Stroke


class Scene(Protocol):
    """One thing that the screen can be about. It takes strokes at once, whether or not it was painted yet."""

    #: The answer in sight.
    said: Said | None

    @property
    def desk(self) -> Desk:
        """The screen that it stands on."""
        ...

    def stroke(self, stroke: Stroke) -> None:
        """Act on one stroke."""
        ...

    def paint(self) -> None:
        """Hand views to the widgets."""
        ...


class Sheet(Scene, Protocol):
    """A scene on a band over another, which stays in sight behind it."""

    def mount(self) -> None:
        """Put the sheet on the screen."""
        ...

    def unmount(self) -> None:
        """Take it off."""
        ...


@dataclass(frozen=True, slots=True)
class Desks:
    """The three screens of the till, made once."""

    login: LoginDesk
    sell: SellDesk
    pay: PayDesk


#: A row of the help: the key, what it does, and how.
Helped = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways up: to what whoever goes there does not know, for it stands above them. The app names them once.

    Attributes:
        sell: to the sell screen, with an order or none, the first answer, and what was just paid.
        log_out: to the login screen; the order is kept.
        help: the help with these rows, over a desk.
    """

    sell: Callable[[Counter, str | None, Said | None, Order | None], None]
    log_out: Callable[[Counter], None]
    help: Callable[[Counter, Desk, tuple[Helped, ...]], None]


class Counter:
    """The till as the scenes see it.

    Strokes are taken one at a time, in order, by the scene that is there when their turn comes: what is typed ahead
    waits for the screen that it was meant for. While something is awaited (a PIN being checked) strokes wait.

    Args:
        register: the till behind the screen.
        keymap: which key is which command.
        store: the database's answers about other tills; None when there is none to ask.
        desks: the three screens.
        start: runs a coroutine in the app's loop, and calls back when it ended.
        leave: closes the till.
        ways: to the scenes and sheets that are opened from below them.
    """

    def __init__(
        self,
        register: Register,
        keymap: Keymap,
        store: Store | None,
        desks: Desks,
        start: Callable[[Coroutine[None, None, None], Callable[[], None]], None],
        leave: Callable[[], None],
        ways: Ways,
    ) -> None:
        self.register = register
        self.keymap = keymap
        self.store = store
        self.leave = leave
        #: The light as it is shown; that of the register may be a moment further.
        self.light = register.light
        self.desks = desks
        #: The menu board, with what it was made for. It outlives a sale: of 10,000 items it takes some 50 ms to make.
        self.board: tuple[object, Board] | None = None
        self.scene: Scene | None = None
        self.under_lock: Scene | None = None
        self.sheets: list[Sheet] = []
        self.remote: list[RemoteSession] | None = None
        #: What was paid last, for its receipt.
        self.sold: Order | None = None
        self.on_scene: Callable[[Scene], None] = lambda _scene: None
        self._start = start
        self._ways = ways
        self._waiting: deque[Stroke] = deque()
        self._held = 0
        self._acting = False

    # Strokes.

    def take(self, stroke: Stroke) -> None:
        """A stroke came: act on it now, or keep it until what is awaited has come."""
        self._waiting.append(stroke)
        self._drain()

    def _drain(self) -> None:
        while self._waiting and not self._held:
            top = self.top
            if top is None:
                return
            self._acting = True
            try:
                top.stroke(self._waiting.popleft())
            except TillError as problem:
                self.complain(problem)
            finally:
                self._acting = False
        self.paint()

    def complain(self, problem: TillError) -> None:
        """Say a refusal on the scene in sight: nothing was changed by what was refused."""
        if self.top is not None:
            self.top.said = refusal(problem.sentence)

    def hold(self, work: Coroutine[None, None, None]) -> None:
        """Keep strokes until this is done."""
        self._held += 1
        self._start(work, self._release)

    def meanwhile(self, work: Coroutine[None, None, None]) -> None:
        """Have something done while strokes go on; what it says is painted when it is done."""
        self._start(work, self.paint)

    def _release(self) -> None:
        self._held -= 1
        self._drain()

    @property
    def is_held(self) -> bool:
        """Whether something is awaited."""
        return self._held > 0

    # Scenes.

    @property
    def top(self) -> Scene | None:
        """Who takes the next stroke."""
        return self.sheets[-1] if self.sheets else self.scene

    def go(self, scene: Scene) -> None:
        """Make the screen about something else."""
        while self.sheets:
            self.close()
        self.scene = scene
        self.on_scene(scene)

    def open(self, sheet: Sheet) -> None:
        """Put a sheet over the scene."""
        self.sheets.append(sheet)
        sheet.mount()

    def close(self) -> None:
        """Take the topmost sheet off."""
        if self.sheets:
            self.sheets.pop().unmount()

    def sell(self, session_id: str | None, said: Said | None, *, sold: Order | None = None) -> None:
        """Show the sell screen with an order, or an empty one; `sold` is what was just paid."""
        self._ways.sell(self, session_id, said, sold)

    def log_out(self) -> None:
        """Log out: the order is kept, and waits on every till."""
        self._ways.log_out(self)

    def help(self, desk: Desk, helped: tuple[Helped, ...]) -> None:
        """Put the help over what is in sight."""
        self._ways.help(self, desk, helped)

    def paint(self) -> None:
        """Paint what is in sight. What changes while a stroke is acted on (the light, say) is painted at its end."""
        if self._acting:
            return
        if self.scene is not None:
            self.scene.paint()
        for sheet in self.sheets:
            sheet.paint()

    # What all scenes say alike.

    def now(self) -> datetime:
        """The time on the venue's wall."""
        return self.register.venue.local(self.register.ledger.now())

    def status(self, *, busy: bool = True, clock: bool = True) -> StatusView:
        """The status bar; `busy` names who is at the till and the part of the day, `clock` tells the time."""
        register = self.register
        venue, now = register.venue, self.now()
        part = register.menu.daypart_at(now.time())
        person = register.access.person
        return StatusView(
            venue=venue.name,
            till=venue.till_name(register.till),
            staff=person.name if person and busy else "",
            daypart=part.name if part and busy else "",
            time=now.strftime("%H:%M") if clock else "",
            light=light_said(self.light, venue),
            brief=light_said(self.light, venue, brief=True),
        )

    def key(self, command: Command, word: str, short: str = "", *, spare: bool = False) -> KeyView:
        """An entry of the key bar."""
        return KeyView(self.keymap.label(command), word, short, spare=spare)

    def attention(self) -> Said | None:
        """What needs attention, as a sentence, or nothing."""
        light = self.register.light
        if light.state is LightState.ATTENTION and light.detail:
            return Said(light.detail, Role.BAD, mark=Mark.ATTENTION)
        return None

    def advice(self) -> Said | None:
        """What needs attention, or what else a person should know."""
        notice = self.register.light.notice
        return self.attention() or (refusal(notice) if notice else None)


def refusal(sentence: str) -> Said:
    """A refusal in the answer line."""
    return Said(sentence, Role.WARN, mark=Mark.NOTICE)


def plain(sentence: str) -> Said:
    """An answer in the answer line."""
    return Said(sentence)


def esc_back() -> KeyView:
    """The way back."""
    return KeyView("Esc", _("Back"))
