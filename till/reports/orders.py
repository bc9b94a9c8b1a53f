"""The orders behind a row of a report."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - a field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from till.domain.errors import TillError
from till.domain.events.envelope import read_time, time_text
from till.domain.i18n import _
from till.domain.money.measures import Minor  # noqa: TC001 - a field
from till.domain.text import clean
from till.reports.words import plain, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.reports.report import Found, Table

#: No row lists more orders.
MOST_ORDERS: Final = 500


class OrderBehind(Struct, frozen=True):
    """A sale behind a row; `session` names it for `till admin sessions show`."""

    order: str
    session: str
    receipt: str
    at: datetime
    till: int
    person: str
    total: Minor

    def to_json(self) -> dict[str, Any]:
        """Return it for JSON, without its total."""
        return {
            "session": self.session,
            "receipt": self.receipt,
            "at": time_text(self.at),
            "till": self.till,
            "person": self.person,
        }


class Part(Struct, frozen=True):
    """A line of an order, a charge or a payment. `details` are its measure and modifiers."""

    name: str
    amount: Minor
    quantity: int | None = None
    details: str = ""


class OrderParts(Struct, frozen=True):
    """The lines and charges of an order, and its payments; change is a payment below zero."""

    sold: tuple[Part, ...]
    paid: tuple[Part, ...]


def orders_behind(ask: Callable[[str, Any], Any], found: Found, said: str) -> list[OrderBehind]:
    """Return the orders behind the row that `said` names, in the only section of a report, the oldest first.

    Raises:
        TillError: the section leads to no orders, or has no such row.
    """
    table = found.tables[0]
    section = table.section
    if not section.orders:
        raise TillError(_("“{part}” has no orders to list.").format(part=section.name))
    key = next(column for column in section.keys if (column.of or column.name) == section.orders)
    place = section.columns.index(key)
    wanted = said.casefold()
    named = {
        str(text).casefold(): row[place]
        for row in table.rows
        for text in (
            plain(found, key, row[place]),
            *(shown(found, column, value) for column, value in zip(section.columns, row, strict=True) if column.is_key),
        )
    }
    if wanted not in named and f"{wanted}:00" in named:
        wanted = f"{wanted}:00"
    if wanted not in named:
        raise TillError(_("There is no row “{row}” in {part}.").format(row=clean(said), part=section.name))
    return read_orders(ask, found, table, next(row for row in table.rows if row[place] == named[wanted]))


def read_orders(ask: Callable[[str, Any], Any], found: Found, table: Table, row: tuple[Any, ...]) -> list[OrderBehind]:
    """Return the orders behind a row of a section that leads to orders, the oldest first."""
    section = table.section
    value = next(
        value for one, value in zip(section.columns, row, strict=True) if (one.of or one.name) == section.orders
    )
    asked = {
        "currency": found.venue.terms.currency.code,
        "from": found.span.first.isoformat(),
        "to": found.span.last.isoformat(),
        "by": section.orders,
        "value": value.isoformat() if hasattr(value, "isoformat") else str(value),
        "most": MOST_ORDERS,
    }
    nearest = found.venue.terms.currency.nearest
    return [
        OrderBehind(
            one["order"],
            one["session"],
            one["receipt"],
            read_time(one["at"]),
            one["till"],
            one["person"],
            nearest(Decimal(one["total"])),
        )
        for one in ask("report_orders_v1", asked)
    ]
