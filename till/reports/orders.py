"""Search for the orders behind a row of a report."""

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
from till.reports.words import plain, value_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from till.reports.report import ReportResult, ReportTable, Section

#: The maximum number of orders to list for a row.
MOST_ORDERS: Final = 500


class OrderBehind(Struct, frozen=True):
    """An order behind a row. `session` is the id for `till sessions show`; `order` is empty if it was not sold."""

    order: str
    session: str
    receipt: str
    at: datetime
    till: int
    person: str
    total: Minor

    def to_json(self) -> dict[str, Any]:
        """Return the order for JSON, without its total."""
        return {
            "session": self.session,
            "receipt": self.receipt,
            "at": time_text(self.at),
            "till": self.till,
            "person": self.person,
        }


class OrderEntry(Struct, frozen=True):
    """A line, a charge or a payment of an order. `details` are the measure and the modifiers of a line."""

    name: str
    amount: Minor
    quantity: int | None = None
    details: str = ""


class OrderParts(Struct, frozen=True):
    """The lines and charges of an order, and its payments; change is a negative payment."""

    sold: tuple[OrderEntry, ...]
    paid: tuple[OrderEntry, ...]


def orders_behind(ask: Callable[[str, Any], Any], found: ReportResult, row_name: str) -> list[OrderBehind]:
    """Return the orders behind the rows that `row_name` matches in the only section of a report, oldest first."""
    table = found.tables[0]
    section = table.section
    wanted = row_name.casefold()
    names_by_row = [{name.casefold() for name in _names(found, section, row)} for row in table.rows]
    if not any(wanted in names for names in names_by_row):
        wanted = f"{wanted}:00"
    matching = [row for row, names in zip(table.rows, names_by_row, strict=True) if wanted in names]
    if not matching:
        raise TillError(_("There is no row “{row}” in {part}.").format(row=clean(row_name), part=section.name))
    behind = {one.order or one.session: one for row in matching for one in read_orders(ask, found, table, row)}
    return sorted(behind.values(), key=lambda one: one.at)[:MOST_ORDERS]


def _names(found: ReportResult, section: Section, row: tuple[Any, ...]) -> Iterator[str]:
    """Yield the names that match a row: its keys, for people and for programs."""
    for column, value in zip(section.columns, row, strict=True):
        if column.is_key:
            yield from (str(plain(found, column, value)), value_text(found, column, value))


def read_orders(
    ask: Callable[[str, Any], Any], found: ReportResult, table: ReportTable, row: tuple[Any, ...]
) -> list[OrderBehind]:
    """Return the orders behind a row, oldest first. The section must have `orders`."""
    section = table.section
    keys = {
        one.of or one.name: value.isoformat() if hasattr(value, "isoformat") else value
        for one, value in zip(section.columns, row, strict=True)
        if one.is_key
    }
    by = {"by": section.orders, "value": str(keys.get(section.orders))}
    query = {
        "currency": found.venue.terms.currency.code,
        "from": found.span.first.isoformat(),
        "to": found.span.last.isoformat(),
        **(by if section.orders in keys else {"acts": section.orders, "row": keys}),
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
        for one in ask("report_orders_v1", query)
    ]
