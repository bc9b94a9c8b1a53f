"""Tables and tabs: keys are reduced, and what they ask for is done to the order sold on and to those on tabs."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from till.domain.errors import NoTabError, StoreError, TillError
from till.domain.i18n import _
from till.domain.text import begun, clean
from till.ports import LightState
from till.register.tabs.open_tabs import tabs_named
from till.tui.screens.tabs.acts import do
from till.tui.screens.tabs.effects import (
    Act,
    AddTo,
    GoBack,
    Join,
    LogOut,
    OpenTable,
    OpenTablesHelp,
    Recall,
    Save,
    WaitForTills,
)
from till.tui.screens.tabs.presenter import tables_views
from till.tui.screens.tabs.recall import TabTakeoverSheet, add, join, recall
from till.tui.screens.tabs.reduce import TABS, reduce
from till.tui.screens.tabs.screen import TablesScreen
from till.tui.screens.tabs.state import TablesFacts, TablesState, marked, places
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import KeyPress
from till.tui.shell.messages import Answer, plain, refusal

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.order.state import Order
    from till.ports import RemoteSession, Store
    from till.register.tabs.open_tabs import OpenTab
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.sheets.selling import Selling
    from till.tui.screens.tabs.effects import TablesEffect
    from till.tui.shell.controller import Controller, Helped

#: So many seconds go by between two looks at what other tills have open.
_LOOK_S: Final = 5


class TablesScene:
    """Keeps the state of the screen, and the sell screen that it goes back to.

    Args:
        controller: the till.
        selling: the sell screen; what is keyed there can be put on a tab.
    """

    message = Answer()
    takes_money = False
    says_trouble = False
    logs_out = True

    def __init__(self, controller: Controller, selling: Selling) -> None:
        self.controller = controller
        self.state = TablesState()
        self._selling = selling
        self._rows: list[RemoteSession] | None = None
        self._tabs = controller.register.open_tabs.local()
        #: It is known what other tills have open, or that they will not say.
        self._told = asyncio.Event()
        self._told.set()
        self._painted: datetime | None = None
        self._seconds = 0

    @property
    def screen(self) -> TablesScreen:
        return self.controller.screens.of(TablesScreen)

    @property
    def session_id(self) -> str | None:
        """The order on the sell screen; None for none."""
        return self._selling.session_id

    @property
    def order(self) -> Order | None:
        return self._selling.order

    def read_anew(self) -> None:
        """Go by the venue's new menu and settings in what is shown next."""
        self._selling.read_anew()

    def tick(self) -> None:
        """Other tills open and close tabs meanwhile; and every minute each is open for longer."""
        self._seconds += 1
        if self._seconds % _LOOK_S == 0:
            self._look_again()
        if self._painted is not None and self._painted != self._minute():
            self.controller.paint()

    def _minute(self) -> datetime:
        return self.controller.now().replace(second=0, microsecond=0)

    def _look_again(self) -> None:
        store = self.controller.store
        if store is None or not self._told.is_set() or self.controller.register.light.state is LightState.OFFLINE:
            self._list()
            self.controller.paint()
        else:
            self.controller.meanwhile(self._ask_again(store))

    async def _ask_again(self, store: Store) -> None:
        """What the tabs of all tills are by now; where nobody says, the list stays: its light tells why."""
        with suppress(StoreError):
            self._take_in(await store.open_tabs())

    # Coming up.

    def show(self, recalled: str = "") -> None:
        """Come up; with a name, recall that tab as soon as it is known what other tills have."""
        self.controller.go(self)
        store = self.controller.store
        if store is not None and self.controller.register.light.state is not LightState.OFFLINE:
            self._told.clear()
            wait = self.controller.hold if recalled else self.controller.meanwhile
            wait(self._ask(store, recalled))
        elif recalled:
            self._recall_named(recalled)

    def offer(self, name: str) -> None:
        """Come up with the name of a tab that is open: Enter adds to it."""
        self.show()
        self.state = replace(self.state, entry=EntryLine.offer(name))

    def save(self, name: str) -> None:
        """Come up, as if what is keyed were saved to this name here."""
        self.offer(name)
        self.press(KeyPress("enter"))

    async def _ask(self, store: Store, recalled: str) -> None:
        """The tabs of all tills; what was marked before they came stays so."""
        try:
            rows = await store.open_tabs()
        except StoreError:
            self.message = plain(_("The network is down: these are the tabs that this till knows."))
        else:
            self._take_in(rows)
        finally:
            self._told.set()
        if recalled:
            self._recall_named(recalled)

    def _take_in(self, rows: list[RemoteSession]) -> None:
        if (at := marked(self.state, self._facts())) is not None and not self._facts().saves:
            self.state = replace(self.state, marked=self.state.marked or at.key)
        self._rows = rows
        self._list()

    def _list(self) -> None:
        listed = self.controller.register.open_tabs
        self._tabs = listed.local() if self._rows is None else listed.merged(self._rows)

    def _recall_named(self, name: str) -> None:
        self.state = replace(self.state, entry=EntryLine.offer(name))
        fitting = len(tabs_named(name, self._tabs))
        if fitting > 1:
            sentence = _("{count} tabs are called something like {name}. Which one?")
            self.message = refusal(sentence.format(count=fitting, name=clean(name)))
            return
        self.press(KeyPress("enter"))

    # What happens.

    def press(self, press: KeyPress) -> None:
        """Name or mark a table, and do what Enter says."""
        self.state, effects = reduce(self.state, press, self._facts())
        for effect in effects:
            try:
                self._carry_out(effect)
            except TillError as problem:
                if self.controller.scene is not self:
                    raise
                self.state = replace(self.state, entry=EntryLine.offer(self.state.entry.text))
                self.message = refusal(problem.sentence)

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Mark the table that was clicked; the one that was marked is taken."""
        if widget not in {self.screen.plan, self.screen.more}:
            return
        state, facts = self.state, self._facts()
        before = marked(state, facts)
        shown = places(state, facts)
        if place >= len(shown):
            return
        if before is not None and before.key == shown[place].key:
            self.press(KeyPress("enter"))
        else:
            self.state = replace(state, entry=EntryLine(), marked=shown[place].key, message=None)

    def _carry_out(self, effect: TablesEffect) -> None:
        controller = self.controller
        match effect:
            case GoBack() | LogOut() | OpenTablesHelp():
                self._leave_for(effect)
            case WaitForTills(key=key):
                controller.hold(self._press_once_told(key))
            case Recall(tab=tab):
                self._recall(tab)
            case OpenTable(number=number):
                self._open_table(number)
            case Save(name=name, apart=apart):
                self._save(name, apart=apart)
            case AddTo(tab=tab):
                controller.go(self._selling)
                controller.hold(add(controller, self._selling, tab))
            case Join(kept=kept, others=others):
                self._join(kept, list(others))
            case Act():
                controller.hold(self._do(effect))

    def _leave_for(self, effect: GoBack | LogOut | OpenTablesHelp) -> None:
        match effect:
            case GoBack():
                self._selling.message = None  # what was said before is long read
                self.controller.go(self._selling)
            case LogOut():
                self.controller.log_out()
            case OpenTablesHelp():
                self.controller.help(self.screen, self._helped())

    async def _press_once_told(self, key: str) -> None:
        """Act on a key that the answer of the other tills decides."""
        await self._told.wait()
        self.press(KeyPress(key))

    def _recall(self, tab: OpenTab) -> None:
        """Recall a tab; one that another till has open is never taken without a warning."""
        controller = self.controller
        row = next((row for row in self._rows or () if row.session_id == tab.session_id), None)
        controller.go(self._selling)
        if tab.till not in {None, controller.register.till}:
            if row is None:
                who = controller.register.reference.who(tab.till, tab.user)
                sentence = _("{name} is open on {who}: pay or save it there.")
                raise NoTabError(sentence.format(name=begun(clean(tab.name)), who=who))
            controller.open(TabTakeoverSheet(controller, self._selling, row))
            return
        controller.hold(recall(controller, self._selling, tab.session_id, tab.name))

    def _open_table(self, number: int) -> None:
        order = self.controller.register.tabs.open_table(self._selling.user, number, self._tabs)
        self.controller.go(self._selling)
        self._selling.show_order(order)
        name = begun(clean(order.tab.name)) if order.tab is not None else ""
        self._selling.message = plain(_("{name} is open. Key what they have.").format(name=name))

    def _save(self, typed: str, *, apart: bool) -> None:
        register, order = self.controller.register, self._selling.order
        if order is None:
            self.controller.go(self._selling)
            return
        others = [tab for tab in self._tabs if not (order.tab and tab.tab_id == order.tab.id)]
        save = register.tabs.save_apart if apart else register.tabs.save
        tab = save(order.id, typed, others)
        register.typed.clear()
        self.controller.go(self._selling)
        self._selling.show_order(None)
        self._selling.message = plain(_("Saved to {name}. F8 lists the tabs.").format(name=clean(tab.name)))

    def _join(self, kept: OpenTab, others: list[OpenTab]) -> None:
        """Make one of tabs with one name. One that another till has open stays as it is."""
        register = self.controller.register
        for tab in (kept, *others):
            if tab.till not in {None, register.till}:
                who = register.reference.who(tab.till, tab.user)
                sentence = _("{name} is open on {who}: save it there, then they are joined.")
                raise NoTabError(sentence.format(name=begun(clean(tab.name)), who=who))
        self.controller.go(self._selling)
        self.controller.hold(join(self.controller, self._selling, kept, others))

    async def _do(self, effect: Act) -> None:
        """Do what words say to a tab. The order that is sold on stays on its screen, unless it was emptied."""
        register, own = self.controller.register, self._selling.session_id
        done = await do(self.controller, self, effect.act, effect.tab, self._tabs)
        entry = EMPTY if done else EntryLine.offer(self.state.entry.text)
        self.state = replace(self.state, entry=entry)
        order = register.ledger.find(own) if own is not None else None
        if order is not None and order.is_over:
            self._selling.show_order(None)
        elif order is not None and order.id == effect.tab.session_id and register.ledger.holder_of(order) is None:
            register.tabs.recall(order.id, order.user)
        self._list()
        if self.state.marked == effect.tab.tab_id:  # another table is another tab: the mark goes along
            now = next((tab.tab_id for tab in self._tabs if tab.session_id == effect.tab.session_id), None)
            self.state = replace(self.state, marked=now)

    # What is in sight.

    def _facts(self) -> TablesFacts:
        controller = self.controller
        register, order = controller.register, self._selling.order
        keyed = order if order is not None and order.is_in_use and order.is_open else None
        own = keyed.tab.id if keyed is not None and keyed.tab is not None else None
        facts = TablesFacts(
            tabs=tuple(self._tabs),
            told=self._told.is_set(),
            order=keyed,
            own=next((tab for tab in self._tabs if tab.tab_id == own), None),
            venue=register.venue,
            formats=register.formats,
            answers=register.answers,
            keymap=controller.keymap,
            till=register.till,
            now=register.ledger.now(),
            names={person.number: person.name for person in register.access.staff},
            room=self.screen.room,
        )
        at = marked(self.state, facts)
        if at is None or at.tab is None:
            return facts
        known = register.ledger.readable(at.tab.session_id)
        same = known is not None and (known.total, len(known.priced.rows)) == (at.tab.total, at.tab.lines)
        return replace(facts, lines=known if same else None)

    def _helped(self) -> tuple[Helped, ...]:
        return (
            (_("7, Enter"), _("Table 7: open it"), _("or add what is keyed, or save it there")),
            (_("a name, Enter"), _("The same of a name"), _("a part of it finds it")),
            ("↑ ↓ ← →, Enter", _("The one that is marked"), ""),
            ("Tab", _("A bill of its own"), _("for what is keyed, at a table that is open")),
            (_("merge 7, Enter"), _("Table 7 on this one’s bill"), _("of the tab that is marked")),
            (_("move 9, Enter"), _("To another table"), _("guests 4, hand over 2")),
            (_("move 2 idly to 9"), _("Pieces to another tab"), _("one that is open")),
            (self.controller.keymap.label(TABS), _("Longest open first"), _("again: by number")),
            ("Esc", _("Back to the order"), _("nothing is saved or recalled")),
        )

    def paint(self) -> None:
        """Hand views to the widgets."""
        self._painted = self._minute()
        self.screen.show(tables_views(self.state, self._facts(), self.controller.status()))
