"""The running screen of tables."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from typing_extensions import override

from till.domain.errors import StoreError, TillError
from till.domain.i18n import _
from till.domain.text import clean
from till.ports import LightState
from till.register.other_tills.news import ReferenceChanged, ServerAnswered
from till.register.tabs.open_tabs import tabs_named
from till.tui.screens.tabs.acts import TablesActs
from till.tui.screens.tabs.presenter import tables_views
from till.tui.screens.tabs.reduce import reduce
from till.tui.screens.tabs.state import TablesFacts, is_newest, marked_place
from till.tui.shell.entry_line import EntryLine
from till.tui.shell.keymap import KeyPress
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.order.state import Order
    from till.domain.venue import TabWords
    from till.ports import RemoteSession, Store
    from till.tui.screens.sheets.selling import Selling
    from till.tui.screens.tabs.reduce import TablesStep
    from till.tui.shell.calls import Call
    from till.tui.shell.controller import Controller
    from till.tui.shell.messages import Heard


class TablesScene(TablesActs):
    """The scene of the tables, over the sell screen that it goes back to."""

    logs_out = True

    def __init__(self, controller: Controller, selling: Selling) -> None:
        super().__init__(controller, selling)
        self._painted: datetime | None = None
        #: The keyed order, that of the marked tab, and that with the lines of both or the refusal.
        self._quoted: tuple[Order, Order, Order | str] | None = None

    @property
    def session_id(self) -> str | None:
        """The order on the sell screen, if any."""
        return self._selling.session_id

    @property
    def order(self) -> Order | None:
        return self._selling.order

    @property
    @override
    def guest_order(self) -> Order | None:
        return self._selling.guest_order

    @override
    def hear(self, news: Heard) -> bool:
        """Show the venue's new menu and settings, and the current open tabs of other tills."""
        if isinstance(news, ReferenceChanged):
            self._selling.hear(news)
        if isinstance(news, ReferenceChanged | ServerAnswered):
            self._look_again()
        return False

    @override
    def tick(self) -> None:
        """Repaint every minute, as the tabs age."""
        if self._painted is not None and self._painted != self._minute():
            self.controller.paint()

    @property
    def _words(self) -> TabWords:
        """The venue's words for a tab."""
        return self.controller.register.venue.tabs

    def _minute(self) -> datetime:
        return self.controller.now().replace(second=0, microsecond=0)

    def _look_again(self) -> None:
        """Read the open tabs of all tills again in the background."""
        if (store := self.controller.answering) is None or not self._listed.is_set():
            self._list()
            self.controller.paint()
        else:
            self.controller.meanwhile(self._ask_again(store))

    async def _ask_again(self, store: Store) -> None:
        """Read the open tabs of all tills. Without an answer the list stays, and the light shows why."""
        with suppress(StoreError):
            self._take_in(await store.open_tabs())
            self._booked = await store.bookings()

    # Opening.

    def show(self, recalled: str = "") -> None:
        """Show the screen; with a name, recall that tab once the tabs of other tills are known."""
        self.controller.go(self)
        if (store := self.controller.answering) is not None:
            self._listed.clear()
            wait = self.controller.hold if recalled else self.controller.meanwhile
            wait(self._ask(store, recalled))
        elif recalled:
            self._recall_named(recalled)

    def show_marked(self, session_id: str) -> None:
        """Open the screen with the tab of this order marked."""
        self.state = replace(self.state, marked=session_id)
        self.show()

    def offer(self, name: str) -> None:
        """Open the screen with words typed, such as the name of an open tab, where Enter adds to it."""
        self.show()
        self.state = replace(self.state, entry=EntryLine.offer(name))

    def offer_act(self, typed: str) -> None:
        """Open the screen with an act typed, for the tab of the order on the sell screen if it has one."""
        if self.order is not None and self.order.tab is not None:
            self.state = replace(self.state, marked=self.order.id)
        self.offer(typed)

    def save(self, name: str) -> None:
        """Open the screen and save the order under this name."""
        self.offer(name)
        self.press(KeyPress("enter"))

    async def _ask(self, store: Store, recalled: str) -> None:
        """Read the open tabs of all tills, keeping the mark."""
        try:
            rows = await store.open_tabs()
        except StoreError:
            self._away = True
            self.message = plain(_("Offline: the {tabs} that this till knows.").format(tabs=self._words.plural))
        else:
            self._take_in(rows)
        finally:
            self._listed.set()
        if recalled:
            self._recall_named(recalled)
        with suppress(StoreError):
            self._booked = await store.bookings()

    def _take_in(self, rows: list[RemoteSession]) -> None:
        self._away = False
        self.controller.register.open_tabs.hear(rows)
        if (at := marked_place(self.state, self._facts())) is not None and not self._facts().saves:
            self.state = replace(self.state, marked=self.state.marked or at.key)
        self._rows = rows
        self._list()

    def _recall_named(self, name: str) -> None:
        self.state = replace(self.state, entry=EntryLine.offer(name))
        fitting = len(tabs_named(name, self._tabs))
        if fitting > 1:
            sentence = _("{count} {tabs} are like {name}. Which one?")
            self.message = refusal(sentence.format(count=fitting, tabs=self._words.plural, name=clean(name)))
            return
        self.press(KeyPress("enter"))

    # Events.

    @override
    def reduce(self, event: KeyPress) -> TablesStep:
        return reduce(self.state, event, self._facts())

    @override
    def refused(self, problem: TillError, asked: Call[Any, Any]) -> None:
        if not self.is_in_front:
            raise problem
        self._offer_again(problem)

    # Facts and painting.

    def _facts(self) -> TablesFacts:
        controller = self.controller
        register, order = controller.register, self._selling.order
        keyed = order if order is not None and order.is_in_use and order.is_open else None
        own = keyed.tab.id if keyed is not None and keyed.tab is not None else None
        facts = TablesFacts(
            tabs=self._tabs,
            is_listed=self._listed.is_set(),
            order=keyed,
            own=next((tab for tab in self._tabs if tab.tab_id == own), None),
            venue=register.venue,
            lookup=register.lookup,
            formats=register.formats,
            answers=register.answers,
            keymap=controller.keymap,
            till=register.till,
            now=register.ledger.now(),
            names={person.number: person.name for person in register.access.staff},
            room=self.screen.room,
            is_away=controller.answering is None,
            booked=tuple(self._booked),
            sees_others=not self._away and register.light.state is not LightState.OFFLINE,
        )
        at = marked_place(self.state, facts)
        if at is None or at.tab is None:
            return facts
        facts = replace(facts, is_out_of_reach=facts.is_away and register.grants.must_ask(at.tab.session_id))
        known = register.ledger.readable(at.tab.session_id)
        if known is None or not is_newest(known, at.tab):
            return facts
        quoted = self._quote_added(keyed, known) if keyed and not facts.is_own(at) else None
        return replace(facts, lines=known, quoted=quoted)

    def _quote_added(self, keyed: Order, there: Order) -> Order | str:
        """Return the marked order with the keyed lines, or the refusal of Enter.

        It takes some milliseconds, so each key does not ask again.
        """
        if self._quoted is None or self._quoted[0] is not keyed or self._quoted[1] is not there:
            try:
                quoted: Order | str = self.controller.register.between.quote_added(keyed.id, there.id)
            except TillError as problem:
                quoted = problem.sentence
            self._quoted = keyed, there, quoted
        return self._quoted[2]

    @override
    def paint(self) -> None:
        """Update the widgets from the state."""
        self._painted = self._minute()
        self.screen.show(tables_views(self.state, self._facts(), self.controller.status()))
