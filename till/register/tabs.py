"""Tabs: an order saved to a table or a name, listed on every till, recalled on any, paid there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import NoTabError, OrderClosedError, TillError
from till.domain.events.envelope import read_time
from till.domain.fields import perhaps_whole, whole, words
from till.domain.i18n import _
from till.domain.merge import settlement
from till.domain.money.amount import Currency
from till.domain.order import suspension
from till.domain.order.state import Order, Status, Tab
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from till.ports import RemoteSession
    from till.register.ledger.ledger import Ledger

#: The longest name of a tab.
_LONGEST: Final = 40
_TABLE: Final = re.compile(r"(?:table\s*)?(?P<number>\d+)\Z", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class OpenTab:
    """A tab as the list shows it. `total` in minor units.

    Attributes:
        till: the till that has it open now, None for none.
        kept: whether its order was put aside by a logout of `user`: anybody may recall it.
    """

    tab_id: str
    session_id: str
    name: str
    user: int
    lines: int
    total: int
    since: datetime
    till: int | None
    kept: bool = False


class Tabs:
    """Commands about tabs. A tab is the venue's, not a person's: whoever recalls it goes on with its lines.

    Args:
        ledger: the write path.
        who: names a till and a person, for the sentence that says where a tab is open.
    """

    def __init__(self, ledger: Ledger, who: Callable[[int | None, int], str]) -> None:
        self._ledger = ledger
        self._who = who

    def save(self, session_id: str, name: str, known: Iterable[OpenTab] = ()) -> Tab:
        """Save the order to a tab by name or number; a recalled order goes back to its own with an empty name.

        Args:
            session_id: the order on the screen.
            name: `7`, `table 7` or `Asha`; empty for the tab that it came from.
            known: the tabs that are open, so that two orders never hide under one name.
        """
        order = self._ledger.order(session_id)
        label = self.label(name)
        if order.tab and label.casefold() in {"", order.tab.name.casefold()}:
            tab = order.tab
        elif not label:
            raise NoTabError(_("Type the table's number or a name for the tab."))
        else:
            tab = self._new_tab(name, label, known)
        self._ledger.commit(suspension.put_on_tab(order, tab))
        return tab

    def _new_tab(self, name: str, label: str, known: Iterable[OpenTab]) -> Tab:
        if label.casefold() in {tab.name.casefold() for tab in (*known, *self.local())}:
            sentence = _("{name} is open already. Recall it and add to it, or save under another name.")
            raise NoTabError(sentence.format(name=label))
        table = _TABLE.match(self._written(name))
        number = int(table["number"]) if table else None
        return Tab(self._ledger.new_id(), label, number if number is not None and number < 2**31 else None)

    @staticmethod
    def _written(name: str) -> str:
        return clean(name).strip()[:_LONGEST].strip()

    @classmethod
    def label(cls, name: str) -> str:
        """What stands on the screen: a bare number is a table."""
        written = cls._written(name)
        table = _TABLE.match(written)
        return _("table {number}").format(number=int(table["number"])) if table else written

    def local(self) -> list[OpenTab]:
        """The tabs that this till knows of without asking: its own, and the list of before; newest first."""
        return self._listed(self._cached())

    def merged(self, remote: Iterable[RemoteSession]) -> list[OpenTab]:
        """What the database lists now, with what only this till knows yet; newest first."""
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
                row.status == Status.PENDING_LOGOUT and row.till is None,
            )
            for row in remote
            if row.tab_id is not None
        ]
        return self._listed(listed)

    def _listed(self, told: Iterable[OpenTab] | None) -> list[OpenTab]:
        """The tabs that were told of and are open still, and those here that nobody can have told of."""
        orders = self._ledger.open_orders()
        recalled = {order.from_session for order in orders}
        here = {order.tab.id for order in orders if order.tab and order.is_open and not self._is_kept(order)}
        tabs: dict[str, OpenTab] = {}
        for order in orders:
            known_there = told is not None and self._is_known_there(order)
            waits = order.status is Status.ASSIGNED_TO_TAB or self._is_kept(order)
            if order.tab and waits and order.id not in recalled and not known_there:
                tabs[order.tab.id] = _open_tab(order, order.tab, kept=self._is_kept(order))
        for tab in told or ():
            if tab.tab_id not in tabs and tab.tab_id not in here and not self._is_over(tab.session_id):
                tabs[tab.tab_id] = tab
        return sorted(tabs.values(), key=lambda tab: tab.since, reverse=True)

    def _is_kept(self, order: Order) -> bool:
        """Whether an order of a tab was put aside with its lines by its user's logout, and no till holds it."""
        aside = order.tab is not None and order.status is Status.PENDING_LOGOUT and not order.is_empty
        return aside and self._ledger.holder_of(order) is None

    def _is_known_there(self, order: Order) -> bool:
        """Whether the database has the order on its tab: then its own list says whether the tab is open still."""
        mark = self._ledger.journal.mark_of(order.id)
        return mark is not None and mark.status == order.status

    def _is_over(self, session_id: str) -> bool:
        """Whether this till knows that an order stands on its tab no more, though the database may not."""
        mark = self._ledger.journal.mark_of(session_id)
        order = self._ledger.readable(session_id)
        if mark is not None and mark.closed:
            return True
        return order is not None and order.status is not Status.ASSIGNED_TO_TAB and not self._is_kept(order)

    def _cached(self) -> list[OpenTab] | None:
        """The tabs as the database listed them last; None when it never did, or not so that it reads."""
        cached = self._ledger.journal.cached("tabs")
        if cached is None:
            return None
        try:
            return [_read_tab(raw) for raw in cached[1]["tabs"]]
        except (KeyError, TypeError, AttributeError, TillError):
            return None

    def recall(self, session_id: str, user: int) -> Order:
        """Open a session that carries the lines of a tab. Its events must be in the journal (`Store.fetch`).

        Raises:
            NoTabError: the order stands on no tab any more, or its lines were recalled here before.
            OrderClosedError: the tab is open on a till.
        """
        on_tab = self._ledger.order(session_id)
        if any(order.from_session == session_id and order.is_open for order in self._ledger.open_orders()):
            raise OrderClosedError(_("That tab is open here already: F5 lists what waits."))
        mark = self._ledger.journal.mark_of(session_id)
        if mark is not None and mark.closed and on_tab.tab:
            raise NoTabError(
                _("{name} was recalled here before: its lines went on from there.").format(name=on_tab.tab.name)
            )
        if on_tab.tab and on_tab.is_open and not self._is_kept(on_tab):
            who = self._who(self._ledger.holder_of(on_tab), on_tab.user)
            sentence = _("{name} is open on {who}: pay or save it there.")
            raise OrderClosedError(sentence.format(name=on_tab.tab.name, who=who))
        opened = self._ledger.new_id()
        lock = self._ledger.lock_of(session_id)
        self._ledger.unlock(session_id)  # whoever had taken it over let go of it
        try:
            with self._ledger.command() as command:
                if self._is_kept(on_tab):
                    command.write(suspension.recall_kept(on_tab, self._ledger.till))
                command.write(settlement.keep_apart(command.order(session_id)))
                command.write(suspension.recall_tab(command.order(session_id), opened, user))
                command.closes.add(session_id)
                over = command.order(session_id)  # money that another till, apart, took for it is not forgotten there
                command.write(settlement.write_down(over, settlement.conflicts(over)))
        except TillError:
            if lock:
                self._ledger.lock(session_id, lock)
            raise
        return self._ledger.order(opened)


def _open_tab(order: Order, tab: Tab, *, kept: bool) -> OpenTab:
    rows = len(order.priced.rows)
    return OpenTab(tab.id, order.id, tab.name, order.user, rows, order.total, order.updated_at, order.till, kept)


def _read_tab(raw: Mapping[str, Any]) -> OpenTab:
    return OpenTab(
        words(raw, "tab_id"),
        words(raw, "session"),
        words(raw, "tab_name"),
        whole(raw, "user"),
        whole(raw, "lines"),
        Currency(words(raw, "currency")).minor(words(raw, "total")),
        read_time(words(raw, "updated_at")),
        perhaps_whole(raw, "till"),
        raw.get("status") == Status.PENDING_LOGOUT and raw.get("till") is None,
    )
