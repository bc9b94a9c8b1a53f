"""The comparison of a replay's database with the files, sale by sale: all tenders and items, to the penny."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from till.domain.i18n import _
from till.domain.money.amount import PRICE_SCALE
from till.domain.money.measures import Minor
from tools.replay.sums import balances, has_activity, paid_of, ref_of, total4_of
from tools.replay.trading import CURRENCY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from tools.replay.trading import RecordedSale, Trading


@dataclass(frozen=True, slots=True)
class FoundSale:
    """A completed order in the database. Amounts in minor units.

    Attributes:
        ref: the reference of the sale (`ref_of`).
        business_date: the business date.
        tenders: the amount of each tender.
        items: the quantity and amount by item name.
    """

    ref: str
    business_date: date
    tenders: Mapping[str, Minor]
    items: Mapping[str, tuple[int, Minor]]


@dataclass(frozen=True, slots=True)
class DayReport:
    """A trading day in the database.

    Attributes:
        day: the number of the day.
        sales: the number of sales in the database.
        lines: the number of rows in lines.csv of these sales.
        tenders: the amounts by tender, in minor units.
        unbalanced: the number of sales in the files whose lines and payments differ.
        over: the over of the count at its end, by tender, negative if short; empty if it was not counted.
    """

    day: int
    sales: int
    lines: int
    tenders: Mapping[str, Minor]
    unbalanced: int
    over: Mapping[str, Minor] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """The result of a replay.

    Attributes:
        days: the days.
        lost: the number of sales that balance in the files, but are not exactly in the database.
        troubles: a sentence for each sale that needs attention.
    """

    days: tuple[DayReport, ...]
    lost: int
    troubles: tuple[str, ...]

    @property
    def is_exact(self) -> bool:
        """True if all sales of the files are in the database to the penny."""
        return not self.lost and not any(day.unbalanced for day in self.days)

    def to_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {
            "days": [
                {
                    "day": day.day,
                    "sales": day.sales,
                    "lines": day.lines,
                    "tenders": _texts(day.tenders),
                    "unbalanced": day.unbalanced,
                    **({"over": _texts(day.over)} if day.over else {}),
                }
                for day in self.days
            ],
            "lost": self.lost,
        }


def _texts(amounts: Mapping[str, Minor]) -> dict[str, str]:
    return {tender: CURRENCY.text(amount) for tender, amount in sorted(amounts.items())}


def compare(
    trading: Trading, dates: Mapping[int, date], found: Iterable[FoundSale], refused: Mapping[str, str]
) -> ReplayReport:
    """Compare the database with the files.

    Args:
        trading: the files.
        dates: the business date of each day.
        found: the completed orders of these days.
        refused: the reasons why sales could not be rung, by ref.
    """
    orders: dict[str, list[FoundSale]] = {}
    for order in found:
        orders.setdefault(order.ref, []).append(order)
    lost, troubles = 0, []
    for sale in trading.sales:
        trouble = _trouble(sale, dates[sale.day], orders.get(ref_of(sale), []), refused.get(ref_of(sale)))
        lost += bool(trouble) and balances(sale)
        troubles += [trouble] if trouble else []
    refs = {ref_of(sale) for sale in trading.sales}
    strange = sorted(orders.keys() - refs)
    troubles += [_("Sale {ref} is in the database and not in the files.").format(ref=ref) for ref in strange]
    reports = (_day_report(day.number, trading.sales, orders) for day in trading.days)
    return ReplayReport(tuple(reports), lost, tuple(troubles))


def _day_report(number: int, sales: Iterable[RecordedSale], orders: Mapping[str, list[FoundSale]]) -> DayReport:
    own = [sale for sale in sales if sale.day == number]
    there = [sale for sale in own if ref_of(sale) in orders]
    tenders: dict[str, Minor] = {}
    for sale in there:
        for order in orders[ref_of(sale)]:
            for tender, amount in order.tenders.items():
                tenders[tender] = Minor(tenders.get(tender, 0) + amount)
    unbalanced = sum(not balances(sale) for sale in own)
    return DayReport(number, len(there), sum(len(sale.lines) for sale in there), tenders, unbalanced)


def _trouble(sale: RecordedSale, day: date, orders: list[FoundSale], refused: str | None) -> str:
    """Return a sentence on the fault of a sale; empty if there is none."""
    head = _("Sale {sale} of day {day}").format(sale=sale.id, day=sale.day)
    if not balances(sale):
        lines, paid = CURRENCY.price_text(total4_of(sale)), CURRENCY.text(paid_of(sale))
        sentence = _("{sale} does not balance: its lines come to {lines}, its payments to {paid}. Its order waits.")
        if refused:
            sentence = _("{sale} does not balance ({lines} against {paid}) and could not be rung: {why}")
        return sentence.format(sale=head, lines=lines, paid=paid, why=refused)
    if not has_activity(sale):
        return ""
    if len(orders) == 1 and _is_exact(sale, day, orders[0]):
        return ""
    if refused:
        return _("{sale} could not be rung: {why}").format(sale=head, why=refused)
    if not orders:
        return _("{sale} is not in the database.").format(sale=head)
    return _("{sale} is in the database, but not as in the files.").format(sale=head)


def _is_exact(sale: RecordedSale, day: date, order: FoundSale) -> bool:
    if order.business_date != day or _nonzero(order.tenders) != _nonzero(sale.tenders):
        return False
    wanted: dict[str, tuple[int, int]] = {}
    for line in sale.lines:
        quantity, amount4 = wanted.get(line.item, (0, 0))
        wanted[line.item] = quantity + line.quantity, amount4 + line.quantity * line.price4
    scaled = {item: (q, amount4 * CURRENCY.scale) for item, (q, amount4) in wanted.items() if q or amount4}
    return scaled == {item: (q, amount * PRICE_SCALE) for item, (q, amount) in order.items.items() if q or amount}


def _nonzero(sums: Mapping[str, Minor]) -> dict[str, Minor]:
    return {name: amount for name, amount in sums.items() if amount}
