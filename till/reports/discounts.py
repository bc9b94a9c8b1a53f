"""The reductions of a day's sales: by promotions, and by each person and kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from db.tables.views import discounts_by_person

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from till.domain.money.amount import Currency
    from till.domain.money.measures import Minor
    from till.domain.venue import Venue


class CameOff(NamedTuple):
    """A kind of reduction. `amount` in minor units.

    Attributes:
        user: who gave it; None for a promotion.
        name: of that person.
        kind: `promotion`, `discount`, `comp` or `staff_meal`.
        title: the name of a promotion, or of a discount of the venue.
        times: the number of rows and orders with it.
    """

    user: int | None
    name: str
    kind: str
    title: str
    times: int
    amount: Minor


@dataclass(frozen=True, slots=True)
class DiscountReport:
    """The reductions of the sales of one business date."""

    day: date
    currency: Currency
    rows: tuple[CameOff, ...]

    def to_data(self) -> dict[str, Any]:
        """Return the report for JSON: amounts are text."""
        text = self.currency.text
        return {
            "day": self.day.isoformat(),
            "currency": self.currency.code,
            "discounts": [{**one._asdict(), "amount": text(one.amount)} for one in self.rows],
        }


def read_discounts(connection: Connection, store_id: str, day: date, venue: Venue) -> DiscountReport:
    """Read the reductions of the sales of a business date.

    Args:
        connection: of any role that may read the views of reports; as `db.engine.reading` opens it.
        store_id: the venue.
        day: a business date.
        venue: for its currency.
    """
    currency = venue.terms.currency
    of = discounts_by_person.c
    found = connection.execute(
        select(of.user_id, of.name, of.kind, of.title, of.times, of.amount)
        .where(of.store_id == store_id, of.business_date == day, of.currency == currency.code)
        .order_by(of.name, of.user_id, of.kind, of.title)
    ).all()
    rows = (
        CameOff(user, name, kind, title, times, currency.nearest(amount))
        for user, name, kind, title, times, amount in found
    )
    return DiscountReport(day, currency, tuple(rows))
