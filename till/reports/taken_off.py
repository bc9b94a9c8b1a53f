"""What each person took off on a day: lines that were voided, and orders that were cleared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from till.domain.money.amount import round_half_up
from till.domain.money.measures import Minor

if TYPE_CHECKING:
    from datetime import date

    import psycopg

    from till.domain.money.amount import Currency
    from till.domain.venue import Venue

_TAKEN_OFF: Final = """
    SELECT user_id, name, kind, times, pieces, amount FROM cold.taken_off_by_person
    WHERE store_id = %(store)s AND business_date = %(day)s AND currency = %(currency)s
    ORDER BY name, user_id, kind DESC
"""


class TakenOff(NamedTuple):
    """What one person took off. `amount` in minor units, at the prices that were keyed.

    Attributes:
        user: the staff number; None for the owner of the database.
        kind: `void` or `clear`.
        times: how many lines were voided, or orders cleared.
    """

    user: int | None
    name: str
    kind: str
    times: int
    pieces: int
    amount: Minor


@dataclass(frozen=True, slots=True)
class TakenOffReport:
    """The voids and clearings of one business date, by person. What was undone is none."""

    day: date
    currency: Currency
    people: tuple[TakenOff, ...]

    def to_data(self) -> dict[str, Any]:
        """The report as JSON has it: amounts as text."""
        text = self.currency.text
        return {
            "day": self.day.isoformat(),
            "currency": self.currency.code,
            "people": [{**one._asdict(), "amount": text(one.amount)} for one in self.people],
        }


def read_taken_off(connection: psycopg.Connection[Any], store_id: str, day: date, venue: Venue) -> TakenOffReport:
    """Read what people took off on a business date.

    Args:
        connection: of any role that may read the views of reports.
        store_id: the venue's.
        day: a business date.
        venue: for its currency.
    """
    currency = venue.terms.currency
    asked = {"store": store_id, "day": day, "currency": currency.code}
    rows = connection.execute(_TAKEN_OFF, asked).fetchall()
    people = (
        TakenOff(
            user, name, kind, times, int(pieces), Minor(round_half_up(int(amount * 10_000 * currency.scale), 10_000))
        )
        for user, name, kind, times, pieces, amount in rows
    )
    return TakenOffReport(day, currency, tuple(people))
