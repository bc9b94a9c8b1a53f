"""Change in the notes and coins of a currency."""

from __future__ import annotations

import pytest

from till.domain.money.amount import Currency
from till.domain.money.coins import notes, notes_and_coins
from till.domain.money.measures import Minor


@pytest.mark.parametrize(
    ("code", "smallest"),
    [
        *(("INR", 50), ("GBP", 1), ("EUR", 1), ("USD", 1), ("CHF", 5), ("JPY", 1), ("CAD", 5), ("AUD", 5)),
        *(("NZD", 10), ("SEK", 100), ("NOK", 100), ("DKK", 50), ("ZAR", 10), ("KWD", 5), ("BHD", 5)),
    ],
)
def test_notes_and_coins_come_to_the_change(code: str, smallest: int) -> None:
    currency = Currency(code)
    assert len(notes(currency)) <= 6
    for change in range(0, 200 * currency.scale, smallest):
        assert sum(count * value for count, value in notes_and_coins(currency, Minor(change))) == change
