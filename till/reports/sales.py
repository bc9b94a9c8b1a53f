"""The sales of a day: per tender, per item, per hour, and in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from till.domain.money.measures import Minor

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    import psycopg

    from till.domain.money.amount import Currency
    from till.domain.venue import Venue

_SUMS: Final = """
    SELECT coalesce(sum(orders), 0), coalesce(sum(total), 0), coalesce(sum(net), 0), coalesce(sum(tax), 0),
        coalesce(sum(rounding), 0)
    FROM cold.sales_by_day WHERE store_id = %(store)s AND business_date = %(day)s AND currency = %(currency)s
"""
_TENDERS: Final = """
    SELECT tender, amount FROM cold.sales_by_tender
    WHERE store_id = %(store)s AND business_date = %(day)s AND currency = %(currency)s ORDER BY tender
"""
_ITEMS: Final = """
    SELECT item_name, sum(quantity), sum(amount), sum(lines) FROM cold.sales_by_item
    WHERE store_id = %(store)s AND business_date = %(day)s AND currency = %(currency)s
    GROUP BY item_name ORDER BY sum(amount) DESC, item_name
"""
_HOURS: Final = """
    SELECT hour, orders, amount FROM cold.sales_by_hour
    WHERE store_id = %(store)s AND business_date = %(day)s AND currency = %(currency)s
    ORDER BY hour < %(begins)s, hour
"""


class ItemSales(NamedTuple):
    """What was sold of one item; `amount` in minor units, after discounts, taxes included."""

    item: str
    quantity: int
    amount: Minor


class HourSales(NamedTuple):
    """What was sold in one hour of the venue's clock, `10:00` for all from 10 to 11; `amount` in minor units."""

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
        tenders: what each tender settled, change taken off; they sum to `total` and `rounding`.
        items: the best seller first.
        hours: in the day's order; an hour without a sale is left out.
    """

    day: date
    currency: Currency
    sales: int
    lines: int
    total: Minor
    net: Minor
    tax: Minor
    rounding: Minor
    tenders: dict[str, Minor]
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


def read_sales(connection: psycopg.Connection[Any], store_id: str, day: date, venue: Venue) -> SalesReport:
    """Read the sales of a business date, all of it as of one moment.

    Args:
        connection: of any role that may read the views of reports; in autocommit.
        store_id: the venue's.
        day: a business date.
        venue: for its currency, and for the hour that its day begins with.
    """
    currency = venue.terms.currency
    asked = {"store": store_id, "day": day, "currency": currency.code, "begins": venue.day_ends.hour}

    def minor(amount: Decimal) -> Minor:
        return Minor(int(amount.scaleb(currency.exponent)))

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
        sales=int(sales),
        lines=sum(int(lines) for *_item, lines in items),
        total=total,
        net=net,
        tax=tax,
        rounding=rounding,
        tenders={tender: minor(amount) for tender, amount in tenders},
        items=tuple(ItemSales(name, int(quantity), minor(amount)) for name, quantity, amount, _lines in items),
        hours=tuple(HourSales(f"{hour:02d}:00", count, minor(amount)) for hour, count, amount in hours),
    )
