"""The running screen of tables: reduces keys, and acts on the order being sold and on those on tabs."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from till.domain.errors import StoreError, TillError
from till.domain.i18n import _
from till.domain.text import begun, clean
from till.register.tabs.open_tabs import tabs_named
from till.tui.screens.tabs.acts import do
from till.tui.screens.tabs.effects import (
    Act,
    AddTo,
    GoBack,
    LogOut,
    OpenTable,
    OpenTablesHelp,
    Recall,
    Save,
    WaitForTills,
)
from till.tui.screens.tabs.presenter import tables_views
from till.tui.screens.tabs.recall import TabTakeoverSheet, add, recall
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

#: Seconds between two reads of the open tabs of other tills.
_LOOK_S: Final = 5


class TablesScene:
    """The scene of the tables, over the sell screen that it goes back to.

    Args:
        controller: the till.
        selling: the sell screen, whose order can be put on a tab.
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
        #: Set once the open tabs of other tills are known, or cannot be.
        self._told = asyncio.Event()
        self._told.set()
        #: True if the server did not answer the last time.
        self._away = False
        self._painted: datetime | None = None
        self._seconds = 0

    @property
    def screen(self) -> TablesScreen:
        return self.controller.screens.of(TablesScreen)

    @property
    def session_id(self) -> str | None:
        """The order on the sell screen, if any."""
        return self._selling.session_id

    @property
    def order(self) -> Order | None:
        return self._selling.order

    def read_anew(self) -> None:
        """Show the venue's new menu and settings, and the current open tabs of other tills."""
        self._selling.read_anew()
        self._look_again()

    def tick(self) -> None:
        """Read the open tabs of other tills periodically, and repaint every minute, as the tabs age."""
        self._seconds += 1
        if self._seconds % _LOOK_S == 0:
            self._look_again()
        if self._painted is not None and self._painted != self._minute():
            self.controller.paint()

    def _minute(self) -> datetime:
        return self.controller.now().replace(second=0, microsecond=0)

    def _look_again(self) -> None:
        if (store := self.controller.answering) is None or not self._told.is_set():
            self._list()
            self.controller.paint()
        else:
            self.controller.meanwhile(self._ask_again(store))

    async def _ask_again(self, store: Store) -> None:
        """Read the open tabs of all tills. Without an answer the list stays, and the light says why."""
        with suppress(StoreError):
            self._take_in(await store.open_tabs())

    # Opening.

    def show(self, recalled: str = "") -> None:
        """Bring the screen to the front; with a name, recall that tab once the tabs of other tills are known."""
        self.controller.go(self)
        if (store := self.controller.answering) is not None:
            self._told.clear()
            wait = self.controller.hold if recalled else self.controller.meanwhile
            wait(self._ask(store, recalled))
        elif recalled:
            self._recall_named(recalled)

    def offer(self, name: str) -> None:
        """Open the screen with the name of an open tab typed, where Enter adds to it."""
        self.show()
        self.state = replace(self.state, entry=EntryLine.offer(name))

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
            self.message = plain(_("Offline: these are the tabs that this till knows."))
        else:
            self._take_in(rows)
        finally:
            self._told.set()
        if recalled:
            self._recall_named(recalled)

    def _take_in(self, rows: list[RemoteSession]) -> None:
        self._away = False
        self.controller.register.open_tabs.hear(rows)
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
            sentence = _("{count} tabs are like {name}. Which one?")
            self.message = refusal(sentence.format(count=fitting, name=clean(name)))
            return
        self.press(KeyPress("enter"))

    # Events.

    def press(self, press: KeyPress) -> None:
        """Name or mark a table, and act on Enter."""
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
        """Mark the table that was clicked; a click on the marked one acts like Enter."""
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
            case Act():
                controller.hold(self._do(effect))

    def _leave_for(self, effect: GoBack | LogOut | OpenTablesHelp) -> None:
        match effect:
            case GoBack():
                self._selling.message = None  # its message is outdated
                self.controller.go(self._selling)
            case LogOut():
                self.controller.log_out()
            case OpenTablesHelp():
                self.controller.help(self.screen, self._helped())

    async def _press_once_told(self, key: str) -> None:
        """Repeat a key whose effect depends on the other tills."""
        await self._told.wait()
        self.press(KeyPress(key))

    def _recall(self, tab: OpenTab) -> None:
        """Recall a tab. One that another till has open is taken over only after a warning."""
        controller = self.controller
        row = next((row for row in self._rows or () if row.session_id == tab.session_id), None)
        controller.go(self._selling)
        if row is not None and tab.till not in {None, controller.register.till}:
            controller.open(TabTakeoverSheet(controller, self._selling, row))
            return
        controller.hold(recall(controller, self._selling, tab.session_id, tab.name, away=self._away))

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

    async def _do(self, effect: Act) -> None:
        """Carry out a typed act on a tab. The current order stays on the sell screen unless it was emptied."""
        register, own = self.controller.register, self._selling.session_id
        done = await do(self.controller, self, effect.act, effect.tab, self._tabs)
        entry = EMPTY if done else EntryLine.offer(self.state.entry.text)
        self.state = replace(self.state, entry=entry)
        order = register.ledger.find(own) if own is not None else None
        if order is not None and order.is_over:
            self._selling.show_order(None)
        elif order is not None and order.id == effect.tab.session_id and register.ledger.open_at(order) is None:
            register.tabs.recall(order.id, order.user)
        self._list()

    # Facts and painting.

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
            (_("a name, Enter"), _("The same by name"), _("a part of it finds it")),
            ("↑ ↓ ← →, Enter", _("The marked one"), ""),
            ("Tab", _("A separate bill"), _("for what is keyed, at a table that is open")),
            (_("merge 7, Enter"), _("Table 7 on this one’s bill"), _("of the tab that is marked")),
            (_("move 9, Enter"), _("To another table"), _("guests 4, hand over 2")),
            (_("move 2 idly to 9"), _("Pieces to another tab"), _("one that is open")),
            (self.controller.keymap.label(TABS), _("Longest open first"), _("again: by number")),
            ("Esc", _("Back to the order"), _("nothing is saved or recalled")),
        )

    def paint(self) -> None:
        """Update the widgets from the state."""
        self._painted = self._minute()
        self.screen.show(tables_views(self.state, self._facts(), self.controller.status()))
