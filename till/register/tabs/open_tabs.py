"""The tabs that are open: what the database lists, and what only this till knows yet."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from till.domain.errors import NoTabError, TillError
from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.structs import replace
from till.domain.text import begun
from till.register.tabs.names import label_of, number_in, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from till.domain.money.measures import Minor
    from till.domain.order.state import Order, Tab
    from till.ports import RemoteSession
    from till.register.ledger.ledger import Ledger

_LOG: Final = logging.getLogger(__name__)


class OpenTab(Struct, frozen=True):
    """A tab as the list shows it. `total` in minor units.

    Attributes:
        opened: when its order began; `since` when something was done to it last.
        till: the till that has it open now, None for none.
        covers: how many guests sit there; None where nobody said.
        bill_out: whether they want to pay, or have paid a part.
    """

    tab_id: str
    session_id: str
    name: str
    user: int
    lines: int
    total: Minor
    since: datetime
    till: int | None
    opened: datetime
    covers: int | None = None
    bill_out: bool = False

    @property
    def number(self) -> str:
        """What stands for its table, `5` or `5-2` for a second bill there; empty for a name."""
        return number_in(self.name)

    @property
    def table(self) -> int | None:
        """The number of the table, where it is one."""
        return int(self.number.partition("-")[0]) if self.number else None

    @property
    def place(self) -> tuple[bool, int, int, str, str]:
        """Where it stands in a list: tables by their number and bill, then names."""
        bill = int(self.number.partition("-")[2] or 1)
        return self.table is None, self.table or 0, bill, self.name.casefold(), self.tab_id


def wants_to_pay(order: Order) -> bool:
    """Whether its guests asked for the bill, or have paid a part of it."""
    return order.has_money or order.checkout_at is not None


def tabs_named(typed: str, tabs: Sequence[OpenTab]) -> list[OpenTab]:
    """The tabs that a typed name can mean: a number is that table alone; else the whole name, or a part of it."""
    label = label_of(typed).casefold()
    exact = [tab for tab in tabs if tab.name.casefold() == label]
    if exact or table_of(typed) is not None:
        return exact
    return [tab for tab in tabs if label in tab.name.casefold()]


def check_another(session_id: str, tab: OpenTab) -> None:
    """Refuse that an order goes on the tab that it is.

    Raises:
        NoTabError: it is that.
    """
    if session_id == tab.session_id:
        raise NoTabError(_("{name} is that tab itself. Name another one.").format(name=begun(tab.name)))


class OpenTabs:
    """The list of the tabs that are open, tables first.

    Args:
        ledger: knows the orders that are open here, and what the database listed last.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def local(self) -> list[OpenTab]:
        """The tabs that this till knows of without asking: its own, and the list of before; tables first."""
        return self._listed(self._cached())

    def name_of(self, session_id: str) -> str:
        """The tab that an order stands on, as far as this till was told; empty for none."""
        order = self._ledger.readable(session_id)
        if order is not None:
            return order.tab.name if order.tab else ""
        return next((tab.name for tab in self._cached() or () if tab.session_id == session_id), "")

    def merged(self, remote: Iterable[RemoteSession]) -> list[OpenTab]:
        """What the database lists now, with what only this till knows yet; tables first."""
        listed = [
            OpenTab(
                row.tab_id,
                row.session_id,
                row.tab_name,
                row.user,
                row.lines,
                row.total,
                row.updated_at,
                row.till,
                row.created_at,
                row.covers,
                row.bill_out,
            )
            for row in remote
            if row.tab_id is not None
        ]
        return self._listed(listed)

    def _listed(self, told: Iterable[OpenTab] | None) -> list[OpenTab]:
        """The tabs that were told of and are open still, and those here that nobody can have told of."""
        tabs: dict[str, OpenTab] = {}
        told = None if told is None else list(told)
        moved = {tab.session_id for tab in told or () if self._has_moved(tab)}
        for order in self._ledger.open_orders():
            is_told = told is not None and self._is_known_there(order) and order.id not in moved
            if order.tab and order.tab.id not in tabs and not is_told:
                tabs[order.tab.id] = self._open_tab(order, order.tab)
        for tab in told or ():
            if tab.tab_id not in tabs and not self._is_over(tab):
                tabs[tab.tab_id] = self._newest(tab)
        return sorted(tabs.values(), key=lambda tab: tab.place)

    def _open_tab(self, order: Order, tab: Tab) -> OpenTab:
        rows, holder = len(order.priced.rows), self._ledger.holder_of(order)
        return OpenTab(
            tab.id,
            order.id,
            tab.name,
            order.user,
            rows,
            order.total,
            order.updated_at,
            holder,
            order.created_at,
            tab.covers,
            wants_to_pay(order),
        )

    def _newest(self, tab: OpenTab) -> OpenTab:
        """A tab as it stands here, where this till has done more to it than the database was told."""
        order = self._ledger.readable(tab.session_id)
        if order is None or order.tab is None:
            return tab
        newer = order.updated_at > tab.since  # something was done to it here
        if self._ledger.holder_of(order) == self._ledger.till or (newer and tab.till is None):
            return self._open_tab(order, order.tab)
        return replace(tab, lines=len(order.priced.rows), total=order.total) if newer else tab

    def _has_moved(self, tab: OpenTab) -> bool:
        """Whether its order has another table since, as this till knows and who told of it did not yet."""
        order = self._ledger.readable(tab.session_id)
        if order is None or order.tab is None:
            return False
        return order.tab.id != tab.tab_id and order.updated_at > tab.since

    def _is_known_there(self, order: Order) -> bool:
        """Whether the database has the order as it stands here: then its own list says whether the tab is open."""
        mark = self._ledger.journal.mark_of(order.id)
        return mark is not None and mark.status == order.status and mark.version > 0

    def _is_over(self, tab: OpenTab) -> bool:
        """Whether this till knows that an order stands on its tab no more, though the database may not."""
        mark = self._ledger.journal.mark_of(tab.session_id)
        if mark is not None and mark.closed:
            return True
        order = self._ledger.readable(tab.session_id)
        return order is not None and (order.is_over or order.tab is None or order.tab.id != tab.tab_id)

    def _cached(self) -> list[OpenTab] | None:
        """The tabs as the database listed them last; None when it never did, or not so that it reads."""
        cached = self._ledger.journal.cached("tabs")
        if cached is None:
            return None
        try:
            rows = [raw for raw in cached[1]["tabs"] if isinstance(raw, dict)]
        except (KeyError, TypeError):
            return None
        return [tab for raw in rows if (tab := _read_tab(raw)) is not None]

    def open_as(self, name: str, tabs: Iterable[OpenTab]) -> OpenTab | None:
        """The tab that is open under exactly this name or number, the one opened first of several."""
        label = label_of(name).casefold()
        found = (tab for tab in tabs if tab.name.casefold() == label)
        return min(found, key=lambda tab: tab.opened, default=None) if label else None

    def is_open_besides(self, session_id: str, name: str) -> bool:
        """Whether another order stands on a tab of this name or number, as far as this till knows."""
        found = self.open_as(name, self.local())
        return found is not None and found.session_id != session_id


class _CachedTab(Struct, frozen=True):
    """A tab as the database listed it."""

    tab_id: str
    session: str
    tab_name: str
    user: int
    lines: int
    currency: str
    total: str
    updated_at: str
    created_at: str
    till: int | None = None
    covers: int | None = None
    bill_out: bool = False


def _read_tab(raw: Mapping[str, Any]) -> OpenTab | None:
    """The tab of a row; None for one that does not read: it costs the others nothing."""
    try:
        row = msgspec.convert(raw, _CachedTab)
        total, since = Currency(row.currency).minor(row.total), read_time(row.updated_at)
        opened = read_time(row.created_at)
    except (msgspec.ValidationError, TillError, OverflowError) as problem:
        _LOG.warning("tab_not_read", extra={"error": type(problem).__name__})
        return None
    return OpenTab(
        row.tab_id,
        row.session,
        row.tab_name,
        row.user,
        row.lines,
        total,
        since,
        row.till,
        opened,
        row.covers,
        row.bill_out,
    )
