"""Tabs: an order saved to a table or a name, listed on every till, recalled on any, paid there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from till.domain import keeping
from till.domain.errors import NoTabError, OrderClosedError
from till.domain.order import Order, Status, Tab
from till.domain.text import clean
from till.domain.words import _

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from till.ports import RemoteSession
    from till.register.ledger import Ledger

#: The longest name of a tab.
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class OpenTab:
    """A tab as the list shows it. `total` in minor units; `till` is the till that has it open now, None for none."""

    tab_id: str
    session_id: str
    name: str
    user: int
    lines: int
    total: int
    since: datetime
    till: int | None


class Tabs:
    """Commands about tabs."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def save(self, session_id: str, name: str, known: Iterable[OpenTab] = ()) -> Tab:
        """Save the order to a tab by name or number; a recalled order goes back to its own with an empty name.

        Args:
            session_id: the order on the screen.
            name: `7`, `table 7` or `Asha`; empty for the tab that it came from.
            known: the tabs that are open, so that two orders never hide under one name.
        """
        order = self._ledger.order(session_id)
        name = clean(name).strip()[:_LONGEST]
        if order.tab and (not name or name.casefold() == order.tab.name.casefold()):
            tab = order.tab
        elif not name:
            raise NoTabError(_("Type the table's number or a name for the tab."))
        else:
            tab = self._new_tab(name, known)
        self._ledger.commit(keeping.put_on_tab(order, tab))
        return tab

    def _new_tab(self, name: str, known: Iterable[OpenTab]) -> Tab:
        label = self.label(name)
        taken = {tab.name.casefold() for tab in (*known, *self.local())}
        if label.casefold() in taken:
            sentence = _("{name} is open already. Recall it and add to it, or save under another name.")
            raise NoTabError(sentence.format(name=label))
        number = int(name) if name.isascii() and name.isdigit() and int(name) < 2**31 else None
        return Tab(self._ledger.new_id(), label, number)

    @staticmethod
    def label(name: str) -> str:
        """What stands on the screen: a bare number is a table."""
        return _("table {number}").format(number=int(name)) if name.isascii() and name.isdigit() else name

    def local(self) -> list[OpenTab]:
        """The tabs that this till knows of by its own journal, newest first."""
        orders = self._ledger.open_orders()
        carried = {order.from_session for order in orders}
        return [
            self._listed(order)
            for order in reversed(orders)
            if order.tab and order.status is Status.ASSIGNED_TO_TAB and order.id not in carried
        ]

    @staticmethod
    def _listed(order: Order) -> OpenTab:
        tab = order.tab or Tab("", "")
        rows = len(order.priced.rows)
        return OpenTab(tab.id, order.id, tab.name, order.user, rows, order.total, order.updated_at, order.till)

    def merged(self, remote: Iterable[RemoteSession]) -> list[OpenTab]:
        """What the database knows with what only this till knows yet, newest first."""
        own = {tab.tab_id: tab for tab in self.local()}
        finished = {order.tab.id for order in self._ledger.open_orders() if order.tab and order.is_open}
        for row in remote:
            known = self._ledger.find(row.session_id)
            done = known is not None and known.status is not Status.ASSIGNED_TO_TAB
            if row.tab_id is None or row.tab_id in own or row.tab_id in finished or done:
                continue
            own[row.tab_id] = OpenTab(
                row.tab_id, row.session_id, row.tab_name, row.user, row.lines, row.total, row.updated_at, row.till
            )
        return sorted(own.values(), key=lambda tab: tab.since, reverse=True)

    def recall(self, session_id: str, user: int) -> Order:
        """Open a session that carries the lines of a tab. Its events must be in the journal (`Store.fetch`).

        Raises:
            NoTabError: the order stands on no tab any more.
        """
        on_tab = self._ledger.order(session_id)
        if any(order.from_session == session_id and order.is_open for order in self._ledger.open_orders()):
            raise OrderClosedError(_("That tab is open here already: F5 lists what waits."))
        opened = self._ledger.new_id()
        self._ledger.commit(keeping.recall_tab(on_tab, opened, user), closes=[session_id])
        return self._ledger.order(opened)
