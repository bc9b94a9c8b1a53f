"""The sales of a day: per tender, per item, per hour, and in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from db.tables.views import (
    cash_by_drawer,
    contested_by_day,
    refunds_by_tender,
    sales_by_day,
    sales_by_hour,
    sales_by_item,
    sales_by_tender,
)
from till.domain.money.measures import Minor

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from sqlalchemy import ColumnClause, ColumnElement, Connection, Select, TableClause

    from till.domain.money.amount import Currency
    from till.domain.venue import Venue


class ItemSales(NamedTuple):
    """The sales of one item; `amount` in minor units, after discounts, taxes included."""

    item: str
    quantity: int
    amount: Minor


class HourSales(NamedTuple):
    """The sales in one hour of the venue's clock, `10:00` from 10 to 11; `amount` in minor units."""

    hour: str
    sales: int
    amount: Minor


@dataclass(frozen=True, slots=True)
class SalesReport:
    """The completed orders of one business date. Amounts in minor units; `total` is `net` and `tax` together.

    Attributes:
        sales: how many orders.
        lines: how many lines were keyed on them.
        rounding: what rounding cash added to `total`, or took off.
        contested: the part of `total` that two sales have, while it waits for a manager.
        tips: the tips for the staff.
        tenders: the amount of each tender, less change; they sum to `total`, `rounding` and `tips`. A corrected tender
            counts as corrected.
        refunds: what went back on this day in each tender, whenever it was sold; negative.
        drawers: the cash that sales and refunds left in the drawer of each till.
        items: the best seller first.
        hours: in the day's order; hours without a sale are left out.
    """

    day: date
    currency: Currency
    sales: int
    lines: int
    total: Minor
    contested: Minor
    net: Minor
    tax: Minor
    rounding: Minor
    tips: Minor
    tenders: dict[str, Minor]
    refunds: dict[str, Minor]
    drawers: dict[int, Minor]
    items: tuple[ItemSales, ...]
    hours: tuple[HourSales, ...]

    def to_data(self) -> dict[str, Any]:
        """Return the report for JSON: amounts are text."""
        text = self.currency.text
        return {
            "day": self.day.isoformat(),
            "currency": self.currency.code,
            "sales": self.sales,
            "lines": self.lines,
            "total": text(self.total),
            "contested": text(self.contested),
            "net": text(self.net),
            "tax": text(self.tax),
            "rounding": text(self.rounding),
            "tips": text(self.tips),
            "tenders": {tender: text(amount) for tender, amount in self.tenders.items()},
            "refunds": {tender: text(amount) for tender, amount in self.refunds.items()},
            "drawers": {str(till): text(amount) for till, amount in self.drawers.items()},
            "items": [{"item": i.item, "quantity": i.quantity, "amount": text(i.amount)} for i in self.items],
            "hours": [{"hour": h.hour, "sales": h.sales, "amount": text(h.amount)} for h in self.hours],
        }


def read_sales(connection: Connection, store_id: str, day: date, venue: Venue) -> SalesReport:
    """Read the sales of a business date.

    Args:
        connection: of any role that may read the views of reports; as `db.engine.reading` opens it, all of one moment.
        store_id: the venue.
        day: a business date.
        venue: for its currency, and the hour at which its day begins.
    """
    currency = venue.terms.currency

    def minor(amount: Decimal) -> Minor:
        return Minor(int(amount.scaleb(currency.exponent)))

    def asked(view: TableClause, *columns: ColumnElement[Any]) -> Select[Any]:
        of = view.c
        return select(*columns).where(of.store_id == store_id, of.business_date == day, of.currency == currency.code)

    def amounts(view: TableClause, by: ColumnClause[Any]) -> dict[Any, Minor]:
        return {one: minor(amount) for one, amount in connection.execute(asked(view, by, view.c.amount).order_by(by))}

    of_day, of_tender, of_item, of_hour = sales_by_day.c, sales_by_tender.c, sales_by_item.c, sales_by_hour.c
    added = map(_sum, (of_day.orders, of_day.total, of_day.net, of_day.tax, of_day.rounding))
    sales, *sums = connection.execute(asked(sales_by_day, *added)).one()
    total, net, tax, rounding = map(minor, sums)
    amount = _sum(of_item.amount)
    items = connection.execute(
        asked(sales_by_item, of_item.item_name, _sum(of_item.quantity), amount)
        .group_by(of_item.item_name)
        .order_by(amount.desc(), of_item.item_name)
    )
    hours = connection.execute(
        asked(sales_by_hour, of_hour.hour, of_hour.orders, of_hour.amount).order_by(
            of_hour.hour < venue.day_ends.hour, of_hour.hour
        )
    )
    return SalesReport(
        day=day,
        currency=currency,
        sales=int(sales),
        lines=int(connection.execute(asked(sales_by_item, _sum(of_item.lines))).scalar_one()),
        total=total,
        contested=minor(connection.execute(asked(contested_by_day, _sum(contested_by_day.c.amount))).scalar_one()),
        net=net,
        tax=tax,
        rounding=rounding,
        tips=minor(connection.execute(asked(sales_by_tender, _sum(of_tender.tips))).scalar_one()),
        tenders=amounts(sales_by_tender, of_tender.tender),
        refunds=amounts(refunds_by_tender, refunds_by_tender.c.tender),
        drawers=amounts(cash_by_drawer, cash_by_drawer.c.drawer),
        items=tuple(ItemSales(name, int(quantity), minor(came_to)) for name, quantity, came_to in items),
        hours=tuple(HourSales(f"{hour:02d}:00", count, minor(came_to)) for hour, count, came_to in hours),
    )


def _sum(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the sum of a column; 0 without rows."""
    return func.coalesce(func.sum(column), 0)
