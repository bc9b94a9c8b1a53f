"""What every scene shares: the register, the keys, who is at the till, and the way from one scene to another."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from msgspec import Struct

from till.domain.errors import TillError
from till.ports import LightState
from till.register.quick_entry.intents import LONGEST
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import StatusView, StyledText
from till.tui.shell.light import light_said
from till.tui.shell.messages import refusal
from till.tui.shell.pasted import PasteGate

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from datetime import datetime

    from till.domain.order.state import Order
    from till.domain.staff.person import Person
    from till.ports import RemoteSession, Store
    from till.register.register import Register
    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.shell.idle import IdleClock
    from till.tui.shell.keymap import Keymap, KeyPress


class Scene(Protocol):
    """One thing that the screen can be about. It takes keys at once, whether or not it was painted yet."""

    #: The answer in sight.
    message: StyledText | None

    @property
    def screen(self) -> TillScreen: ...

    def press(self, press: KeyPress) -> None:
        """Act on one key."""
        ...

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Act on a click: on which widget, and on which of the entries that it shows."""
        ...

    def paint(self) -> None:
        """Hand views to the widgets."""
        ...


class MainScene(Scene, Protocol):
    """A scene that has the whole screen.

    Attributes:
        takes_money: whether a key may take money here: none is taken where no sum is in sight.
        says_trouble: whether what needs attention is said in its answer line.
        logs_out: whether its key logs out here; elsewhere that waits until the order is in sight again.
    """

    takes_money: bool
    says_trouble: bool
    logs_out: bool

    def tick(self) -> None:
        """Do what is due every second."""
        ...


class SheetScene(Scene, Protocol):
    """A scene on a band over another, which stays in sight behind it."""

    def mount(self) -> None:
        """Put the sheet on the screen."""
        ...

    def unmount(self) -> None:
        """Take it off."""
        ...


S = TypeVar("S", bound="TillScreen")


class Screens:
    """The screens of the till, made once.

    Args:
        first: the one that the till starts with.
    """

    def __init__(self, first: TillScreen) -> None:
        self.first = first
        self._by_kind = {type(first): first}

    @property
    def all(self) -> tuple[TillScreen, ...]:
        """The first, and those that were added."""
        return tuple(self._by_kind.values())

    def add(self, others: Sequence[TillScreen]) -> None:
        """Have these too."""
        self._by_kind |= {type(one): one for one in others}

    def of(self, kind: type[S]) -> S:
        """Give the screen of a kind."""
        screen = self._by_kind[kind]
        if not isinstance(screen, kind):
            raise TypeError(kind)
        return screen


#: A row of the help: the key, what it does, and how.
Helped = tuple[str, str, str]


class Routes(Struct, frozen=True):
    """The ways up: to what whoever goes there does not know, for it stands above them. `till.tui.further` names them.

    Attributes:
        arrive: to what a person finds who logged in; given what waits on other tills, None where nobody could be asked.
        unlock: to what was in sight when the screen was locked by this person.
        sell: to the sell screen, with an order or none, the first answer, and what was just paid.
        log_out: to the login screen; the order is kept.
        lock: to the locked screen; the order stays where it is.
        help: the help with these rows, over a screen.
        split: to the screen where guests pay an order apart, so many of them, 0 for what was known.
        who_pays: names the guest who pays an order, or a part that is awaited; empty for none of several.
        ask_waiting: asks the database what of the user's waits, once it answers at last.
    """

    arrive: Callable[[Controller, Person, list[RemoteSession] | None], Coroutine[None, None, None]]
    unlock: Callable[[Controller, Person], None]
    sell: Callable[[Controller, str | None, StyledText | None, Order | None], None]
    log_out: Callable[[Controller], None]
    lock: Callable[[Controller], None]
    help: Callable[[Controller, TillScreen, tuple[Helped, ...]], None]
    split: Callable[[Controller, str, int], None]
    who_pays: Callable[[Controller, Order], str]
    ask_waiting: Callable[[Controller], Coroutine[None, None, None]]


class Controller:
    """The till as the scenes see it.

    Keys are taken one at a time, in order, by the scene that is there when their turn comes: what is typed ahead
    waits for the screen that it was meant for. While something is awaited (a PIN being checked) keys wait.

    Args:
        register: the till behind the screen.
        keymap: which key is which command.
        store: the database's answers about other tills; None when there is none to ask.
        screens: the screens.
        start: runs a coroutine in the app's loop, and calls back when it ended.
        leave: closes the till.
        idle: knows when no key comes.
    """

    def __init__(
        self,
        register: Register,
        keymap: Keymap,
        store: Store | None,
        screens: Screens,
        start: Callable[[Coroutine[None, None, None], Callable[[], None]], None],
        leave: Callable[[], None],
        idle: IdleClock,
    ) -> None:
        self.register = register
        self.keymap = keymap
        self.store = store
        self._leave = leave
        self._is_leaving = False
        #: The light as it is shown; that of the register may be a moment further.
        self.light = register.light
        self.screens = screens
        self.scene: MainScene | None = None
        self.under_lock: MainScene | None = None
        self.sheets: list[SheetScene] = []
        self.remote: list[RemoteSession] | None = None
        #: What was cleared lately, for a manager, as the database told.
        self.cleared: list[RemoteSession] = []
        #: What was paid last, for its receipt.
        self.sold: Order | None = None
        self.on_scene: Callable[[MainScene], None] = lambda _scene: None
        #: To the scenes and sheets that are opened from below them: there once they are loaded, before any key.
        self.routes: Routes
        self._start = start
        self._idle = idle
        self._due: Callable[[], None] | None = None
        #: Whether the key that is acted on, or was last, is Enter.
        self.by_enter = False
        self._waiting: deque[KeyPress] = deque()
        self._pastes = PasteGate(LONGEST)
        self._held = 0
        self._acting = False

    # Keys.

    def take(self, press: KeyPress) -> None:
        """A key came: act on it now, or keep it until what is awaited has come."""
        self._waiting.append(press)
        self._drain()

    def _drain(self) -> None:
        while self._waiting and not self._held and not self._is_leaving:
            top = self.top
            if top is None:
                return
            press = self._waiting.popleft()
            self.by_enter = press.is_enter
            if why := self._pastes.why_not(press):
                top.message = refusal(why)
            else:
                self._act(partial(top.press, press))
        self.paint()

    def point(self, widget: Drawn[Any], place: int) -> None:
        """A click came. It is about what is in sight: while something is awaited that may not be so any more."""
        top = self.top
        if self._held or self._waiting or top is None:
            return
        self.by_enter = False
        self._act(partial(top.point, widget, place))
        self.paint()

    def _act(self, act: Callable[[], None]) -> None:
        self._acting = True
        try:
            act()
        except TillError as problem:
            self.complain(problem)
        finally:
            self._acting = False

    def complain(self, problem: TillError) -> None:
        """Say a refusal on the scene in sight: nothing was changed by what was refused."""
        if self.top is not None:
            self.top.message = refusal(problem.sentence)

    def hold(self, work: Coroutine[None, None, None]) -> None:
        """Keep keys until this is done."""
        self._held += 1
        self._start(work, self._release)

    def meanwhile(self, work: Coroutine[None, None, None]) -> None:
        """Have something done while keys go on; what it says is painted when it is done."""
        self._start(work, self.paint)

    def in_calm(self, act: Callable[[], None]) -> None:
        """Have something done, and painted, in a moment without keys; what was to be done so before gives way to it."""
        if self._due is None:
            self._start(self._do_due(), lambda: None)  # a till that closes meanwhile paints nothing more
        self._due = act

    async def _do_due(self) -> None:
        await self._idle.calm()
        act, self._due = self._due, None
        if act is not None:
            act()
        self.paint()

    @property
    def is_due(self) -> bool:
        """Whether something waits for a moment without keys."""
        return self._due is not None

    def _release(self) -> None:
        self._held -= 1
        self._drain()

    @property
    def is_held(self) -> bool:
        """Whether something is awaited."""
        return self._held > 0

    def leave(self) -> None:
        """Close the till: keys behind that are nobody's, and nothing could be awaited for them any more."""
        self._is_leaving = True
        self._leave()

    # Scenes.

    @property
    def top(self) -> Scene | None:
        """Who takes the next key."""
        return self.sheets[-1] if self.sheets else self.scene

    def go(self, scene: MainScene) -> None:
        """Make the screen about something else."""
        while self.sheets:
            self.close()
        self.scene = scene
        self.on_scene(scene)

    def open(self, sheet: SheetScene) -> None:
        """Put a sheet over the scene."""
        self.sheets.append(sheet)
        sheet.mount()

    def close(self) -> None:
        """Take the topmost sheet off."""
        if self.sheets:
            self.sheets.pop().unmount()

    def sell(self, session_id: str | None, said: StyledText | None, *, sold: Order | None = None) -> None:
        """Show the sell screen with an order, or an empty one; `sold` is what was just paid."""
        self.routes.sell(self, session_id, said, sold)

    def arrive(self, person: Person, remote: list[RemoteSession] | None) -> Coroutine[None, None, None]:
        """Show what waits for a person who logged in; `remote` is None when other tills could not be asked."""
        return self.routes.arrive(self, person, remote)

    def unlock(self, person: Person) -> None:
        """Go on where the screen was locked by this person."""
        self.routes.unlock(self, person)

    def log_out(self) -> None:
        """Log out: the order is kept, and waits on every till."""
        self.routes.log_out(self)

    def lock(self) -> None:
        """Lock the screen: the order stays where it is."""
        self.routes.lock(self)

    def split(self, session_id: str) -> None:
        """Let guests pay an order apart, from where it is paid."""
        self.routes.split(self, session_id, 0)

    def who_pays(self, order: Order) -> str:
        """Which of several guests pays an order, or the part of it that is awaited; empty for none."""
        return self.routes.who_pays(self, order)

    def ask_waiting(self) -> Coroutine[None, None, None]:
        """Ask the database what of the user's waits, once it answers at last."""
        return self.routes.ask_waiting(self)

    def help(self, screen: TillScreen, helped: tuple[Helped, ...]) -> None:
        """Put the help over what is in sight."""
        self.routes.help(self, screen, helped)

    def paint(self) -> None:
        """Paint what is in sight. What changes while a key is acted on (the light, say) is painted at its end."""
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
        part = register.menu.daypart_at(now)
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

    def attention(self) -> StyledText | None:
        """What needs attention, as a sentence, or nothing."""
        light = self.register.light
        if light.state is LightState.ATTENTION and light.detail:
            return StyledText(light.detail, Tone.BAD, mark=Mark.ATTENTION)
        return None

    def advice(self) -> StyledText | None:
        """What needs attention, or what else a person should know: why the database is away, that a clock is wrong."""
        light = self.register.light
        notice = light.notice or (light.detail if light.state is LightState.OFFLINE else "")
        return self.attention() or (refusal(notice) if notice else None)
