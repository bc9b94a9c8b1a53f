"""The open tabs: those that the database lists, and those known only to this till so far."""

from __future__ import annotations

import logging
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from till.domain.errors import NoTabError, TillError
from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.copying import TabItem  # noqa: TC001 - a row is read by it
from till.domain.order.naming import tab_name
from till.domain.order.wishes import with_wishes
from till.domain.structs import replace
from till.domain.text import capitalize_first
from till.ports import is_uncharged
from till.register.tabs.names import key_of, number_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from till.domain.order.state import Order, Tab
    from till.ports import RemoteSession
    from till.register.ledger.ledger import Ledger

_LOG: Final = logging.getLogger(__name__)


class OpenTab(Struct, frozen=True, dict=True, cache_hash=True):
    """A tab in the list. `total` in minor units.

    Attributes:
        since: the time of the last change.
        till: the till that has the tab open now; None if no till has.
        opened: the time at which the order was opened.
        covers: the number of guests; None if unknown.
        bill_out: True if the guests want to pay, or have paid a part.
        items: the lines, if the server listed them; for tabs of this till they are in the order.
        order_type: the order type; empty if the server did not list it.
        paid: the paid part of the total.
        table_number: the table of a tab under a name, which a program may give beside it; empty if unknown.
        ready: the till that sent its last kitchen ticket, once each is ready on a screen; otherwise None.
        program: the name of the program that opened the order; empty for an order of a till.
        is_uncharged: True if the server calculated the total, which has no service charge.
        words: the preferences of the guests by name, and the `note`, if the server listed them.
        beside: the later orders on the tab, which programs put there. Lines, amounts and items are of all of them.
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
    items: tuple[TabItem, ...] = ()
    order_type: str = ""
    paid: Minor = NOTHING
    table_number: str = ""
    ready: int | None = None
    program: str = ""
    is_uncharged: bool = False
    beside: tuple[OpenTab, ...] = ()
    words: tuple[tuple[str, str], ...] = ()

    @cached_property
    def number(self) -> str:
        """The table number, `5`, or `5-2` for a second bill; empty for a name without a table."""
        return number_in(self.name) or self.table_number

    @property
    def keys(self) -> frozenset[str]:
        """The comparison keys by which it is found: of its name, and of its table."""
        return frozenset({key_of(self.name), self.number} - {""})

    @cached_property
    def table(self) -> int | None:
        """The number of the table; None for a name."""
        return int(self.number.partition("-")[0]) if self.number else None

    @cached_property
    def place(self) -> tuple[bool, int, int, str, str]:
        """The sort key in a list: tables by number and bill, then names."""
        bill = int(self.number.partition("-")[2] or 1)
        return self.table is None, self.table or 0, bill, self.name.casefold(), self.tab_id


def wants_to_pay(order: Order) -> bool:
    """True if the guests asked for the bill, or have paid a part of it."""
    return order.has_money or order.checkout_at is not None


def tabs_named(typed: str, tabs: Sequence[OpenTab]) -> list[OpenTab]:
    """Return the tabs that match a typed name: by number exactly; otherwise by the whole name or a part of it."""
    key = key_of(typed)
    exact = [tab for tab in tabs if key in tab.keys]
    if exact or number_in(typed):
        return exact
    return [tab for tab in tabs if key in tab.name.casefold()]


def _together(tabs: Iterable[OpenTab]) -> list[OpenTab]:
    """Return the orders by their tabs: the oldest order of each, with the sums of all."""
    by_tab: dict[str, list[OpenTab]] = {}
    for tab in sorted(tabs, key=attrgetter("opened", "session_id")):
        by_tab.setdefault(tab.tab_id, []).append(tab)
    return [
        one
        if not more
        else replace(
            one,
            lines=sum(tab.lines for tab in (one, *more)),
            total=sum_of(tab.total for tab in (one, *more)),
            paid=sum_of(tab.paid for tab in (one, *more)),
            items=tuple(item for tab in (one, *more) for item in tab.items),
            bill_out=any(tab.bill_out for tab in (one, *more)),
            is_uncharged=any(tab.is_uncharged for tab in (one, *more)),
            beside=tuple(more),
            words=_words_of((one, *more)),
        )
        for one, *more in by_tab.values()
    ]


def _words_of(tabs: Iterable[OpenTab]) -> tuple[tuple[str, str], ...]:
    """Return the words of the guests of some orders, none of them twice."""
    found: dict[str, str] = {}
    for name, words in (pair for tab in tabs for pair in tab.words):
        found[name] = with_wishes(found.get(name, ""), words)
    return tuple(found.items())


def check_another(session_id: str, tab: OpenTab) -> None:
    """Refuse the tab of the order itself.

    Raises:
        NoTabError: the tab is the order's own.
    """
    if session_id == tab.session_id:
        raise NoTabError(
            _("{name} is the marked one. Choose another.").format(name=capitalize_first(tab_name(tab.name)))
        )


class OpenTabs:
    """The list of open tabs, tables first.

    Args:
        ledger: the orders that are open here, and the last list of the database.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        #: The last answer of the database, and the version of the cached list at that time.
        self._heard: tuple[list[OpenTab], int | None] | None = None
        #: The orders that were ready in the last list, None before the first.
        self._ready: frozenset[str] | None = None
        #: The tab of each open order here, made once for each state of the order.
        self._made: dict[str, tuple[Order, OpenTab]] = {}

    def hear(self, rows: Iterable[RemoteSession]) -> list[OpenTab]:
        """Keep an answer of the database. It replaces the cached list until the next list arrives."""
        rows = list(rows)
        self._ledger.hear_holds(rows)
        cached = self._ledger.journal.cached("tabs")
        self._heard = _remote_tabs(rows), cached[0] if cached is not None else None
        return self.merged(rows)

    def now_ready(self) -> list[OpenTab]:
        """Return the tabs of this till's tickets that are ready in the present list, and were not in the one before."""
        ready = {tab.session_id: tab for tab in self._cached() or () if tab.ready == self._ledger.till}
        before, self._ready = self._ready, frozenset(ready)
        return [tab for session, tab in ready.items() if before is not None and session not in before]

    def local(self) -> list[OpenTab]:
        """Return the tabs that this till knows without a request: its own, and the last list; tables first."""
        return self._listed(self._cached())

    def merged(self, remote: Iterable[RemoteSession]) -> list[OpenTab]:
        """Return the tabs in an answer of the database and those known only to this till so far; tables first."""
        return self._listed(_remote_tabs(remote))

    def _listed(self, listed: Iterable[OpenTab] | None) -> list[OpenTab]:
        """Return the listed tabs that are still open, and local tabs that cannot be in the list yet."""
        tabs: dict[str, OpenTab] = {}
        listed = None if listed is None else list(listed)
        moved = {tab.session_id for tab in listed or () if self._has_moved(tab)}
        orders = self._ledger.open_orders()
        for gone in self._made.keys() - {order.id for order in orders}:
            del self._made[gone]
        for order in orders:
            is_listed = listed is not None and self._is_known_there(order) and order.id not in moved
            if order.tab and not is_listed:
                tabs[order.id] = self._open_tab(order, order.tab)
        for tab in listed or ():
            if not self._is_over(tab):
                newest = replace(self._newest(tab), ready=tab.ready, program=tab.program)
                known = tabs.setdefault(tab.session_id, newest)
                if known.tab_id != newest.tab_id and known.since < newest.since:
                    tabs[tab.session_id] = newest
        return sorted(_together(tabs.values()), key=attrgetter("place"))

    def _open_tab(self, order: Order, tab: Tab) -> OpenTab:
        holder = self._ledger.open_at(order)
        state, made = self._made.get(order.id, (None, None))
        if made is None or state is not order or made.till != holder:
            made = OpenTab(
                tab.id,
                order.id,
                tab.name,
                order.user,
                len(order.priced.rows),
                order.total,
                order.updated_at,
                holder,
                order.created_at,
                tab.covers,
                wants_to_pay(order),
                order_type=order.order_type,
                paid=order.paid,
                table_number=str(tab.table_number or ""),
            )
            self._made[order.id] = order, made
        return made

    def _newest(self, tab: OpenTab) -> OpenTab:
        """Return a tab with this till's changes, if they are newer than the list."""
        order = self._ledger.readable(tab.session_id)
        if order is None or order.tab is None:
            return tab
        newer = order.updated_at >= tab.since  # the list may be without the snapshot of the last events
        if self._ledger.open_at(order) == self._ledger.till or (newer and tab.till is None):
            return self._open_tab(order, order.tab)
        if newer and order.tab.id != tab.tab_id:  # it moved, or a restore lost that
            return replace(self._open_tab(order, order.tab), till=tab.till)
        if not newer:
            return tab
        return replace(tab, lines=len(order.priced.rows), total=order.total, paid=order.paid, is_uncharged=False)

    def _has_moved(self, tab: OpenTab) -> bool:
        """True if the order moved to another table after the list was made."""
        order = self._ledger.readable(tab.session_id)
        if order is None or order.tab is None:
            return False
        return order.tab.id != tab.tab_id and order.updated_at > tab.since

    def _is_known_there(self, order: Order) -> bool:
        """True if the database has this till's state of the order, so that its list decides if the tab is open."""
        mark = self._ledger.journal.mark_of(order.id)
        return mark is not None and mark.status == order.status and mark.version > 0

    def _is_over(self, tab: OpenTab) -> bool:
        """True if the order is on no tab, as far as this till knows. The database may not know yet."""
        mark = self._ledger.journal.mark_of(tab.session_id)
        if mark is not None and mark.closed:
            return True
        order = self._ledger.readable(tab.session_id)
        if order is None:
            return False
        has_tab = not order.is_over and order.tab is not None
        return order.placed is not None or (not has_tab and order.updated_at >= tab.since)

    def _cached(self) -> list[OpenTab] | None:
        """Return the tabs in the last list of the database; None if there was none, or it is unreadable."""
        cached = self._ledger.journal.cached("tabs")
        if self._heard is not None and self._heard[1] == (cached[0] if cached is not None else None):
            return self._heard[0]
        if cached is None:
            return None
        try:
            rows = [raw for raw in cached[1]["tabs"] if isinstance(raw, dict)]
        except (KeyError, TypeError):
            return None
        return [tab for raw in rows if (tab := _read_tab(raw)) is not None]

    def open_as(self, name: str, tabs: Iterable[OpenTab]) -> OpenTab | None:
        """Return the oldest open tab with exactly this name or number; None if there is none."""
        key = key_of(name)
        return min((tab for tab in tabs if key in tab.keys), key=lambda tab: tab.opened, default=None)

    def is_open_besides(self, session_id: str, name: str) -> bool:
        """True if another order has a tab of this name or number, as far as this till knows."""
        found = self.open_as(name, self.local())
        return found is not None and found.session_id != session_id


def _remote_tabs(rows: Iterable[RemoteSession]) -> list[OpenTab]:
    """Return the tabs among the orders that the database listed."""
    return [
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
            row.items,
            row.order_type,
            row.paid,
            row.table_number,
            row.ready,
            row.program,
            row.is_uncharged,
            words=row.words,
        )
        for row in rows
        if row.tab_id is not None
    ]


class _CachedTab(Struct, frozen=True):
    """A tab in the cached list of the database."""

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
    items: tuple[TabItem, ...] = ()
    order_type: str | None = None
    paid: str = "0"
    table_number: str | None = None
    ready: int | None = None
    program: str | None = None
    words: dict[str, str] | None = None
    holder: int | None = None
    refold: bool = False


def _read_tab(raw: Mapping[str, Any]) -> OpenTab | None:
    """Return the tab of a row; None if the row is unreadable."""
    try:
        row = msgspec.convert(raw, _CachedTab)
        total, paid = Currency(row.currency).minor(row.total), Currency(row.currency).minor(row.paid)
        since, opened = read_time(row.updated_at), read_time(row.created_at)
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
        row.items,
        row.order_type or "",
        paid,
        row.table_number or "",
        row.ready,
        row.program or "",
        is_uncharged(row.holder, refold=row.refold),
        words=tuple((row.words or {}).items()),
    )
