"""The acts of the screen of tables."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Never

from msgspec.structs import replace

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.order.naming import tab_name
from till.domain.text import capitalize_first
from till.tui.screens.tabs import typed_acts
from till.tui.screens.tabs.recall import add, recall, tab_takeover
from till.tui.screens.tabs.screen import TablesScreen
from till.tui.screens.tabs.state import TablesState
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.messages import plain, refusal
from till.tui.shell.scene import TillScene

if TYPE_CHECKING:
    from till.ports import RemoteBooking, RemoteSession
    from till.register.tabs.open_tabs import OpenTab
    from till.tui.screens.sheets.selling import Selling
    from till.tui.screens.tabs.typed_acts import TabAct
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress


class TablesActs(TillScene[TablesState, Never, TablesScreen]):
    """The acts of the scene, which its reducer calls.

    Args:
        controller: the till.
        selling: the sell screen to go back to, whose order can be put on a tab.
    """

    def __init__(self, controller: Controller, selling: Selling) -> None:
        super().__init__(controller, TablesScreen)
        self.state = TablesState()
        self._selling = selling
        self._rows: list[RemoteSession] | None = None
        self._tabs = tuple(controller.register.open_tabs.local())
        #: Today's bookings, once they are known.
        self._booked: list[RemoteBooking] = []
        #: Set once the open tabs of other tills are known, or cannot be.
        self._listed = asyncio.Event()
        self._listed.set()
        #: True if the server did not answer the last time.
        self._away = False

    def go_back(self) -> None:
        """Go back to the order."""
        self._selling.message = None  # its message is outdated
        self.controller.go(self._selling)

    def log_out(self) -> None:
        """Log out; the order is kept."""
        self.controller.log_out()

    async def press_once_listed(self, press: KeyPress) -> None:
        """Repeat a key whose effect depends on the other tills, once their open tabs are known."""
        await self._listed.wait()
        self.press(press)

    def recall(self, tab: OpenTab) -> None:
        """Recall a tab. One that another till has open is taken over only after a warning."""
        controller = self.controller
        controller.go(self._selling)
        if (row := self._open_elsewhere(tab)) is not None:
            controller.open(tab_takeover(controller, self._selling, row))
            return
        controller.hold(recall(controller, self._selling, tab.session_id, tab.name, away=self._away))

    def _open_elsewhere(self, tab: OpenTab) -> RemoteSession | None:
        """Return the order of a tab if another till has it open, as the server listed it."""
        if tab.till in {None, self.controller.register.till}:
            return None
        return next((row for row in self._rows or () if row.session_id == tab.session_id), None)

    def add_to(self, tab: OpenTab) -> None:
        """Add the lines on the sell screen to an open tab. One that another till has open is first asked about."""
        controller = self.controller
        controller.go(self._selling)
        if (row := self._open_elsewhere(tab)) is not None:
            controller.open(tab_takeover(controller, self._selling, row, adds_to=tab))
            return
        controller.hold(add(controller, self._selling, tab))

    def open_table(self, number: int) -> None:
        """Open a tab for guests at a free table."""
        order = self.controller.register.tabs.open_table(self._selling.user, number, self._tabs)
        self.controller.go(self._selling)
        self._selling.show_order(order)
        name = capitalize_first(tab_name(order.tab.name)) if order.tab is not None else ""
        self._selling.message = plain(_("{name} is open: key the order. “clear” frees it.").format(name=name))

    def save_order(self, name: str, *, apart: bool = False) -> None:
        """Save the order under a name or number; with `apart` as a second bill beside the open one there."""
        register, order = self.controller.register, self._selling.order
        if order is None:
            self.controller.go(self._selling)
            return
        others = [tab for tab in self._tabs if not (order.tab and tab.tab_id == order.tab.id)]
        save = register.tabs.save_apart if apart else register.tabs.save
        save(order.id, name, others)
        register.typed.clear()
        self.controller.go(self._selling)
        self._selling.show_order(None)
        after = register.ledger.order(order.id)
        self._selling.message = plain(register.venue.tabs.saved(order, after, register.kitchen.held(after)))

    async def carry_out(self, act: TabAct, tab: OpenTab) -> None:
        """Carry out a typed act on a tab. The current order stays on the sell screen unless it was emptied."""
        register, own = self.controller.register, self._selling.session_id
        try:
            sentence = await typed_acts.carry_out(self.controller, self.screen, act, tab, self._tabs)
        except TillError as problem:
            self._offer_again(problem)
        else:
            if sentence is None:
                return
            self.state = replace(self.state, entry=EMPTY, message=plain(sentence))
        order = register.ledger.find(own) if own is not None else None
        if order is not None and order.is_over:
            self._selling.show_order(None)
        elif order is not None and order.id == tab.session_id and register.ledger.open_at(order) is None:
            register.tabs.recall(order.id, order.user)
        self._list()

    def _offer_again(self, problem: TillError) -> None:
        """Show a refusal, and leave the typed text to be corrected."""
        entry = EntryLine.offer(self.state.entry.text)
        self.state = replace(self.state, entry=entry, message=refusal(problem.sentence))

    def _list(self) -> None:
        """List the open tabs that this till knows, with those of other tills as last read."""
        listed = self.controller.register.open_tabs
        self._tabs = tuple(listed.local() if self._rows is None else listed.merged(self._rows))
