"""The sales of a day: per tender, per item, per hour, and in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    import psycopg

    from till.domain.money import Currency

_SUMS: Final = """
    SELECT count(*) AS sales, coalesce(sum(total_amount), 0) AS total, coalesce(sum(net), 0) AS net,
        coalesce(sum(tax), 0) AS tax, coalesce(sum(rounding), 0) AS rounding
    FROM cold.report_orders WHERE store_id = %(store)s AND business_date = %(day)s
"""
_TENDERS: Final = """
    SELECT p.tender, sum(p.amount) FROM cold.report_payments AS p
    WHERE p.store_id = %(store)s AND p.business_date = %(day)s GROUP BY p.tender ORDER BY p.tender
"""
_ITEMS: Final = """
    SELECT i.item_name, sum(i.quantity), sum(i.subtotal), sum(i.lines) FROM cold.report_items AS i
    WHERE i.store_id = %(store)s AND i.business_date = %(day)s
    GROUP BY i.item_name ORDER BY sum(i.subtotal) DESC, i.item_name
"""
_HOURS: Final = """
    SELECT to_char(hour, 'HH24:MI'), count(*), sum(total_amount)
    FROM cold.report_orders, date_trunc('hour', created_at AT TIME ZONE %(zone)s) AS hour
    WHERE store_id = %(store)s AND business_date = %(day)s GROUP BY hour ORDER BY hour
"""


class ItemSales(NamedTuple):
    """What was sold of one item; `amount` in minor units, after discounts, taxes included."""

    item: str
    quantity: int
    amount: int


class HourSales(NamedTuple):
    """What was sold in one hour of the venue's clock, `10:00` for all from 10 to 11; `amount` in minor units."""

    hour: str
    sales: int
    amount: int


@dataclass(frozen=True, slots=True)
class SalesReport:
    """The completed orders of one business date. Amounts in minor units; `total` is `net` and `tax` together.

    Attributes:
        sales: how many orders.
        lines: how many lines were keyed on them.
        rounding: what rounding cash added to `total`, or took off.
        tenders: what each tender settled, change taken off; they sum to `total` and `rounding`.
        items: the best seller first.
        hours: in the day's order; an hour without a sale is left out.
    """

    day: date
    currency: Currency
    sales: int
    lines: int
    total: int
    net: int
    tax: int
    rounding: int
    tenders: dict[str, int]
    items: tuple[ItemSales, ...]
    hours: tuple[HourSales, ...]

    def to_data(self) -> dict[str, Any]:
        """The report as JSON has it: amounts as text."""
        text = self.currency.text
        return {
            "day": self.day.isoformat(),
            "currency": self.currency.code,
            "sales": self.sales,
            "lines": self.lines,
            "total": text(self.total),
            "net": text(self.net),
            "tax": text(self.tax),
            "rounding": text(self.rounding),
            "tenders": {tender: text(amount) for tender, amount in self.tenders.items()},
            "items": [{"item": i.item, "quantity": i.quantity, "amount": text(i.amount)} for i in self.items],
            "hours": [{"hour": h.hour, "sales": h.sales, "amount": text(h.amount)} for h in self.hours],
        }


def read_sales(
    connection: psycopg.Connection[Any], store_id: str, day: date, *, currency: Currency, zone: str
) -> SalesReport:
    """Read the sales of a business date, all of it as of one moment.

    Args:
        connection: of any role that may read the views of reports; in autocommit.
        store_id: the venue.
        day: a business date.
        currency: the venue's.
        zone: the venue's, for the hours.
    """
    asked = {"store": store_id, "day": day, "zone": zone}

    def minor(amount: Decimal) -> int:
        return int(amount.scaleb(currency.exponent))

    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        (sales, *sums), *_rest = connection.execute(_SUMS, asked).fetchall()
        tenders = connection.execute(_TENDERS, asked).fetchall()
        items = connection.execute(_ITEMS, asked).fetchall()
        hours = connection.execute(_HOURS, asked).fetchall()
    total, net, tax, rounding = (minor(amount) for amount in sums)
    return SalesReport(
        day=day,
        currency=currency,
        sales=sales,
        lines=sum(int(lines) for *_item, lines in items),
        total=total,
        net=net,
        tax=tax,
        rounding=rounding,
        tenders={tender: minor(amount) for tender, amount in tenders},
        items=tuple(ItemSales(name, int(quantity), minor(amount)) for name, quantity, amount, _lines in items),
        hours=tuple(HourSales(hour, count, minor(amount)) for hour, count, amount in hours),
    )
