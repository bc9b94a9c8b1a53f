"""State shared by all scenes: the register, the queue of keys, the current scene and the ways between scenes."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from msgspec import Struct

from till.domain.errors import TillError
from till.domain.i18n import _, ngettext
from till.domain.text import clock_of
from till.ports import LightState
from till.register.printing.words import state_of_printer
from till.register.quick_entry.intents import LONGEST
from till.tui.drawing.cut import cell_len
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import StatusView, StyledText
from till.tui.shell.gates import PasteGate, ScanGate
from till.tui.shell.light import light_text
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
    from datetime import datetime

    from till.domain.order.state import Order
    from till.domain.shift.counting import CountBegun
    from till.domain.staff.person import Person
    from till.ports import RemoteSession, Store
    from till.ports.training import Training
    from till.register.quick_entry.intents import Split
    from till.register.register import Register
    from till.tui.drawing.screen import TillScreen
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.shell.idle import IdleClock
    from till.tui.shell.keymap import Keymap, KeyPress
    from till.tui.shell.messages import Heard


class Scene(Protocol):
    """A subject of the screen, such as an order or a payment. It takes keys even before it is painted."""

    #: The message shown.
    message: StyledText | None

    @property
    def screen(self) -> TillScreen: ...

    def press(self, press: KeyPress) -> None:
        """Act on one key."""
        ...

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Act on a click on an entry of a widget."""
        ...

    def hear(self, news: Heard) -> bool:
        """Act on news from outside; return False if its sentence is still to be kept for the user."""
        ...

    def paint(self) -> None:
        """Update the widgets from the state."""
        ...


class MainScene(Scene, Protocol):
    """A scene that has the whole screen.

    Attributes:
        takes_money: True if a key may take money here; then keys are ignored while no amount is visible.
        says_trouble: True if what needs attention is shown as its message.
        counts_as_read: True if sentences about its order are shown here; then they count as read after a while.
        logs_out: True if the key for logging out acts here; elsewhere it acts only once the order is visible again.
    """

    takes_money: bool
    says_trouble: bool
    counts_as_read: bool
    logs_out: bool

    @property
    def guest_order(self) -> Order | None:
        """The order that a guest sees meanwhile; None for no order."""
        ...

    def tick(self) -> None:
        """Do what is due every second."""
        ...


class SheetScene(Scene, Protocol):
    """A scene on a sheet over another scene, which stays visible behind it."""

    def mount(self) -> None:
        """Show the sheet on the screen."""
        ...

    def unmount(self) -> None:
        """Remove the sheet from the screen."""
        ...


S = TypeVar("S", bound="TillScreen")
#: Seconds to wait for the server before saying that it is being asked.
_GLANCE_S: Final = 0.3
#: Seconds in which a second Enter may be accidental.
_MOMENT_S: Final = 0.5


class Screens:
    """The screens of the till, each made once.

    Args:
        first: the screen that the till starts with.
    """

    def __init__(self, first: TillScreen) -> None:
        self.first = first
        self._by_kind = {type(first): first}

    @property
    def all(self) -> tuple[TillScreen, ...]:
        """The first screen, and those added."""
        return tuple(self._by_kind.values())

    def add(self, others: Sequence[TillScreen]) -> None:
        """Add more screens."""
        self._by_kind |= {type(one): one for one in others}

    def of(self, kind: type[S]) -> S:
        """Return the screen of a class."""
        screen = self._by_kind[kind]
        if not isinstance(screen, kind):
            raise TypeError(kind)
        return screen


#: A row of the help: the key, what it does, and how.
Helped = tuple[str, str, str]


class Routes(Struct, frozen=True):
    """Ways to scenes and sheets that lower modules open but must not import. `till.tui.late_screens` binds them.

    Attributes:
        arrive: opens what waits for a user who logged in, given their orders on other tills, None if those are not
            known.
        unlock: returns to the screen that this user had locked.
        sell: opens the sell screen with an order or none, a first message, and the order that was just paid.
        log_out: opens the login screen; the order is kept.
        lock: opens the locked screen; the order stays.
        help: shows the help with these rows over a screen.
        split: opens the split of an order as asked on the pay screen; what was typed may be the beginning of a word.
        who_pays: returns the guest who pays an order or its awaited part; empty if it is not split.
        ask_waiting: asks the database about the user's waiting orders once it answers.
    """

    arrive: Callable[[Controller, Person, list[RemoteSession] | None], Coroutine[None, None, None]]
    unlock: Callable[[Controller, Person], None]
    sell: Callable[[Controller, str | None, StyledText | None, Order | None], None]
    log_out: Callable[[Controller], None]
    lock: Callable[[Controller], None]
    help: Callable[[Controller, TillScreen, tuple[Helped, ...]], None]
    split: Callable[[Controller, str, Split, str], None]
    who_pays: Callable[[Controller, Order], str]
    ask_waiting: Callable[[Controller], Coroutine[None, None, None]]


class Controller:
    """The till as the scenes use it.

    Keys are taken one at a time and in order, by the scene that is in front at their turn, so that keys typed ahead
    reach the screen they were meant for. While something is awaited, such as a PIN being checked, keys wait.

    Args:
        register: the till behind the screen.
        keymap: the keys of each command.
        store: answers of the database about other tills; None without a database.
        screens: the screens.
        start: runs a coroutine in the app's loop and calls back at its end.
        leave: closes the till.
        idle: the clock of pauses between keys.
        training: the trainer, in a training.
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
        training: Training | None = None,
    ) -> None:
        self.register = register
        self.training = training
        self.keymap = keymap
        self.store = store
        self._leave = leave
        self._is_leaving = False
        #: The light as painted; the register's may be newer.
        self.light = register.light
        self.screens = screens
        self.scene: MainScene | None = None
        self.under_lock: MainScene | None = None
        self.sheets: list[SheetScene] = []
        self.remote: list[RemoteSession] | None = None
        #: Orders cleared lately as the database listed them, for a manager.
        self.cleared: list[RemoteSession] = []
        #: Orders of programs that tills had open when the database was asked last, by their ids.
        self.submitted: dict[str, RemoteSession] = {}
        #: The order paid last, for its receipt.
        self.sold: Order | None = None
        #: The count of the drawer that was begun and is not recorded yet, if any.
        self.count_begun: CountBegun | None = None
        #: The papers and the kick of the drawer that a kill left in doubt, for the first user who logs in.
        self.doubt = ""
        self.on_scene: Callable[[MainScene], None] = lambda _scene: None
        #: Opens scenes and sheets from below them; set before the first key is taken.
        self.routes: Routes
        self._start = start
        self._idle = idle
        self._due: Callable[[], None] | None = None
        #: True if the current key is an Enter within a moment of another, so that it may be accidental.
        self.is_hasty = False
        self._by_enter = False
        self._moved_at = 0.0
        self._waiting: deque[KeyPress] = deque()
        self._pastes = PasteGate(LONGEST)
        self._scans = ScanGate(lambda: self.register.lookup)
        self._held = 0
        self._asking = 0
        self._acting = False

    # Keys.

    def take(self, press: KeyPress) -> None:
        """Act on a key, or queue it until what is awaited has come."""
        self._waiting.append(press)
        if not self._held:  # a key that waits changes nothing to paint
            self._drain()

    def _drain(self) -> None:
        while self._waiting and not self._held and not self._is_leaving:
            top = self.top
            if top is None:
                return
            press = self._waiting.popleft()
            is_soon = self.register.ledger.clock.monotonic() - self._moved_at < _MOMENT_S
            self.is_hasty, self._by_enter = press.is_enter and self._by_enter and is_soon, press.is_enter
            if why := self._pastes.why_not(press) or self._scans.why_not(press, top):
                top.message = refusal(why)
            else:
                self._act(partial(top.press, press))
                self._scans.acted(top)
            self.moved()
        self.paint()

    def moved(self) -> None:
        """Record that what Enter does may have changed, so that nobody can have read it yet."""
        self._moved_at = self.register.ledger.clock.monotonic()

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Act on a click. It is ignored while something is awaited, as it may change what was clicked."""
        top = self.top
        if self._held or self._waiting or top is None:
            return
        self._by_enter = False
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

    @property
    def is_acting(self) -> bool:
        """True during a key or a click, which is painted before anything else happens."""
        return self._acting

    def complain(self, problem: TillError) -> None:
        """Show a refusal on the scene in front. What was refused changed nothing."""
        if self.top is not None:
            self.top.message = refusal(problem.sentence)

    def hold(self, work: Coroutine[None, None, None]) -> None:
        """Make keys wait until this work is done."""
        self._held += 1
        self._start(work, self._release)

    @property
    def answering(self) -> Store | None:
        """The database's store; None if it cannot be asked now, so that no caller waits for an answer in vain."""
        return None if self.register.light.state is LightState.OFFLINE else self.store

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[None]:
        """Show that the server is being asked if the answer takes longer than a moment."""
        top, message = self.top, plain(_("Asking the server…"))
        before = top.message if top is not None else None
        self._asking += 1

        def say() -> None:
            if top is not None:
                top.message = message
                self.paint()

        due = asyncio.get_running_loop().call_later(_GLANCE_S, say)
        try:
            yield
        finally:
            due.cancel()
            self._asking -= 1
            if top is not None and top.message is message:
                top.message = before

    def meanwhile(self, work: Coroutine[None, None, None]) -> None:
        """Run work in the background, and paint when it is done."""
        self._start(work, self.paint)

    def in_calm(self, act: Callable[[], None]) -> None:
        """Run an act and paint during the next pause between keys. It replaces an act that still waits for one."""
        if self._due is None:
            self._start(self._do_due(), lambda: None)  # a till that closes meanwhile paints no more
        self._due = act

    async def _do_due(self) -> None:
        await self._idle.calm()
        act, self._due = self._due, None
        if act is not None:
            act()
        self.paint()

    @property
    def is_due(self) -> bool:
        """True if an act waits for a pause between keys."""
        return self._due is not None

    @property
    def is_asking(self) -> bool:
        """True while a request to the server is under way whose caller reports the outcome."""
        return self._asking > 0

    def _release(self) -> None:
        self._held -= 1
        self.moved()
        self._drain()

    @property
    def is_typed_ahead(self) -> bool:
        """True if keys wait: the next one may replace a message before anybody reads it."""
        return bool(self._waiting)

    @property
    def is_held(self) -> bool:
        """True while keys wait for something."""
        return self._held > 0

    def leave(self) -> None:
        """Close the till, dropping keys that come after."""
        self._is_leaving = True
        self._leave()

    # Scenes.

    @property
    def top(self) -> Scene | None:
        """The scene that takes the next key."""
        return self.sheets[-1] if self.sheets else self.scene

    @property
    def guest_order(self) -> Order | None:
        """The order that a guest sees on the display of the till; None for no order."""
        return self.scene.guest_order if self.scene is not None else None

    def go(self, scene: MainScene) -> None:
        """Show another scene, closing all sheets."""
        while self.sheets:
            self.close()
        self.scene = scene
        self.moved()
        self.on_scene(scene)

    def open(self, sheet: SheetScene) -> None:
        """Open a sheet over the scene."""
        self.sheets.append(sheet)
        sheet.mount()

    def close(self, sheet: SheetScene | None = None) -> None:
        """Close a sheet if it is open; by default the topmost."""
        for one in [one for one in self.sheets if one is sheet] if sheet is not None else self.sheets[-1:]:
            self.sheets.remove(one)
            one.unmount()

    def sell(self, session_id: str | None, message: StyledText | None, *, sold: Order | None = None) -> None:
        """Show the sell screen with an order or none; `sold` is the order that was just paid."""
        self.routes.sell(self, session_id, message, sold)

    def arrive(self, person: Person, remote: list[RemoteSession] | None) -> Coroutine[None, None, None]:
        """Show what waits for a user who logged in; `remote` is None if other tills could not be asked."""
        return self.routes.arrive(self, person, remote)

    def unlock(self, person: Person) -> None:
        """Return to the screen that this user had locked."""
        self.routes.unlock(self, person)

    def log_out(self) -> None:
        """Log out. The order is kept and can be opened on every till."""
        self.routes.log_out(self)

    def lock(self) -> None:
        """Lock the screen, keeping the order on it."""
        self.routes.lock(self)

    def split(self, session_id: str, asked: Split, typed: str) -> None:
        """Open the split of an order from the pay screen; `typed` may be the beginning of a word there."""
        self.routes.split(self, session_id, asked, typed)

    def who_pays(self, order: Order) -> str:
        """Return the guest who pays an order or its awaited part; empty if it is not split."""
        return self.routes.who_pays(self, order)

    def ask_waiting(self) -> Coroutine[None, None, None]:
        """Ask the database about the user's waiting orders once it answers."""
        return self.routes.ask_waiting(self)

    def help(self, screen: TillScreen, helped: tuple[Helped, ...]) -> None:
        """Show the help over the current screen."""
        self.routes.help(self, screen, helped)

    def paint(self) -> None:
        """Paint the current scene and its sheets. During a key, changes such as the light are painted at its end."""
        if self._acting:
            return
        if self.scene is not None:
            self.scene.paint()
        for sheet in self.sheets:
            sheet.paint()

    # Parts that all scenes show alike.

    def now(self) -> datetime:
        """Return the venue's local time."""
        return self.register.venue.local(self.register.ledger.now())

    def status(self, *, busy: bool = True, clock: bool = True) -> StatusView:
        """Return the status bar; with `busy` it has the user and the part of the day, with `clock` the time."""
        register = self.register
        venue, now = register.venue, self.now()
        part = register.menu.daypart_at(now)
        person = register.access.person
        count = register.notices.count if person and busy else 0
        notices = ngettext("{n} notice", "{n} notices", count).format(n=count)
        printer = state_of_printer(register.printing) if busy else ""
        drill = self.training.look() if self.training is not None else None
        time = now.strftime("%H:%M") if drill is None else _("{time} left").format(time=clock_of(drill.left_s))
        return StatusView(
            venue=venue.settings.name,
            till=venue.till_name(register.till),
            staff=person.name if person and busy else "",
            daypart=drill.name if drill is not None else part.name if part and busy else "",
            time=time if clock else "",
            training=_("TRAINING") if venue.training else "",
            light=light_text(self.light, venue),
            brief=light_text(self.light, venue, brief=True),
            notices=StyledText(printer or notices, mark=Mark.NOTICE) if printer or count else None,
        )

    def attention(self, room: int) -> StyledText | None:
        """Return a sentence about what needs attention, if anything does.

        One that is longer than the cells of an answer is cut to its first part, with the command that shows the rest.
        """
        light = self.register.light
        if light.state is not LightState.ATTENTION or not (found := light.detail.again()):
            return None
        detail: str = found
        if cell_len(detail) > room:
            detail = _("{trouble}. Run `till doctor`.").format(trouble=found.lead.removesuffix("."))
        return StyledText(detail, Tone.BAD, mark=Mark.ATTENTION)

    def advice(self, room: int) -> StyledText | None:
        """Return a sentence about what needs attention, or a notice such as why the database is away."""
        light = self.register.light
        notice = light.notice or (light.detail if light.state is LightState.OFFLINE else None)
        return self.attention(room) or (refusal(notice.again()) if notice else None)
