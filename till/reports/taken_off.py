"""The voids and cleared orders of each person on a day, with those after sending counted apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from db.tables.views import taken_off_by_person

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from till.domain.money.amount import Currency
    from till.domain.money.measures import Minor
    from till.domain.venue import Venue


class TakenOff(NamedTuple):
    """The amount that one person took off. `amount` in minor units, at the keyed prices.

    Attributes:
        user: the staff number; None for the owner of the database.
        kind: `void` or `clear`.
        sent: it had been saved on a tab before. Each line of a cleared order counts where it belongs.
        times: how many lines were voided, or orders cleared.
    """

    user: int | None
    name: str
    kind: str
    sent: bool
    times: int
    pieces: int
    amount: Minor


@dataclass(frozen=True, slots=True)
class TakenOffReport:
    """The voids and clearings of one business date, by person. Undone ones do not count."""

    day: date
    currency: Currency
    people: tuple[TakenOff, ...]

    def to_data(self) -> dict[str, Any]:
        """Return the report for JSON: amounts are text."""
        text = self.currency.text
        return {
            "day": self.day.isoformat(),
            "currency": self.currency.code,
            "people": [{**one._asdict(), "amount": text(one.amount)} for one in self.people],
        }


def read_taken_off(connection: Connection, store_id: str, day: date, venue: Venue) -> TakenOffReport:
    """Read the voids and clearings of a business date.

    Args:
        connection: of any role that may read the views of reports; as `db.engine.reading` opens it.
        store_id: the venue.
        day: a business date.
        venue: for its currency.
    """
    currency = venue.terms.currency
    of = taken_off_by_person.c
    rows = connection.execute(
        select(of.user_id, of.name, of.kind, of.sent, of.times, of.pieces, of.amount)
        .where(of.store_id == store_id, of.business_date == day, of.currency == currency.code)
        .order_by(of.name, of.user_id, of.kind.desc(), of.sent)
    ).all()
    people = (
        TakenOff(user, name, kind, sent, times, int(pieces), currency.nearest(amount))
        for user, name, kind, sent, times, pieces, amount in rows
    )
    return TakenOffReport(day, currency, tuple(people))
