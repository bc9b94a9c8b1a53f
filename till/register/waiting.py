"""Orders that programs submitted for the counter: unpaid, and listed on every till."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from till.domain.errors import TillError
from till.domain.events.envelope import read_time
from till.domain.money.amount import Currency
from till.domain.order.copying import TabItem  # noqa: TC001 - a row is read by it
from till.domain.order.state import submitted_name
from till.ports import RemoteSession

if TYPE_CHECKING:
    from datetime import datetime

    from till.register.ledger.ledger import Ledger

#: The name of the list among the reference data.
WAITING: Final = "waiting"


class _Submitted(Struct, frozen=True):
    """The submission of an order in the database's list."""

    number: int
    at: str
    program: str = ""
    customer: str = ""


class _Row(Struct, frozen=True):
    """An order of the database's list (docs/protocol.md, `waiting`)."""

    session: str
    submitted: _Submitted
    status: str
    version: int
    lines: int
    total: str
    currency: str
    created_at: str
    updated_at: str
    paid: str = "0"
    items: tuple[TabItem, ...] = ()
    hold_id: str = ""
    till: int | None = None
    till_name: str | None = None
    words: dict[str, str] | None = None


class WaitingOrder(Struct, frozen=True):
    """An unpaid order that a program submitted.

    Attributes:
        program: the program; empty for the owner of the database.
        number: the program's number of the order.
        customer: the guest's name; empty if unknown.
        at: the time of the submission.
        row: the order in the database's list, without a user; with this till's lines and money if they are newer.
    """

    program: str
    number: int
    customer: str
    at: datetime
    row: RemoteSession

    @property
    def name(self) -> str:
        """The name at the counter, such as `Chat 4417`."""
        return submitted_name(self.program, self.number)


class WaitingOrders:
    """The last list of these orders from the database.

    Args:
        ledger: the later acts of this till.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def listed(self) -> list[WaitingOrder]:
        """Return the orders that this till has not ended, oldest first."""
        cached = self._ledger.journal.cached(WAITING)
        if cached is None:
            return []
        found = [order for raw in cached[1].get("orders", ()) if (order := self._read(raw)) is not None]
        return [order for order in found if not self._is_over(order.row.session_id)]

    def _is_over(self, session_id: str) -> bool:
        order = self._ledger.readable(session_id)
        return order is not None and order.is_over

    def _read(self, raw: object) -> WaitingOrder | None:
        """Return the order of a row; None if the row is unreadable."""
        try:
            row = msgspec.convert(raw, _Row)
            currency, at = Currency(row.currency), read_time(row.submitted.at)
            total, paid = currency.minor(row.total), currency.minor(row.paid)
            began, touched = read_time(row.created_at), read_time(row.updated_at)
        except (msgspec.ValidationError, TillError, ValueError):
            return None
        order, lines = self._ledger.readable(row.session), row.lines
        if order is not None and self._ledger.holds(order):  # this till may have keyed since
            total, paid, lines = order.total, order.paid, len(order.priced.rows)
        listed = RemoteSession(
            session_id=row.session, user=0, till=row.till, till_name=row.till_name or "", status=row.status,
            hold=row.hold_id, version=row.version, lines=lines, total=total, paid=paid, order_type="",
            tab_id=None, tab_name="", created_at=began, updated_at=touched, items=row.items,
            words=tuple((row.words or {}).items()),
        )  # fmt: skip
        submitted = row.submitted
        return WaitingOrder(submitted.program, submitted.number, submitted.customer, at, listed)
