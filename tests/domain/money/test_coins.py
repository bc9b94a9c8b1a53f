"""Change in the notes and coins of a currency."""

from __future__ import annotations

import pytest

from till.domain.money.amount import Currency
from till.domain.money.coins import coins, notes, notes_and_coins
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
    for change in range(0, 200 * currency.scale, smallest * 7):
        assert sum(count * value for count, value in notes_and_coins(currency, Minor(change))) == change


@pytest.mark.parametrize(
    ("code", "change", "given"),
    [
        ("XTS", 16_999, [(1, 10_000), (1, 5_000), (1, 1_000), (1, 500), (4, 100)]),
        ("KRW", 188, [(1, 100), (1, 50), (1, 20), (1, 10), (1, 5), (3, 1)]),
        ("GBP", 6_399, [(1, 5_000), (1, 1_000), (1, 200), (1, 100), (1, 50), (2, 20), (1, 5), (2, 2)]),
        ("GBP", 0, []),
    ],
)
def test_change_is_the_fewest_pieces_largest_first(code: str, change: Minor, given: list[tuple[int, int]]) -> None:
    """A currency that is not known has the notes of most, and no coins: the rest of a change is left out."""
    currency = Currency(code)
    assert [note // currency.scale for note in notes(currency)] == (
        [50, 20, 10, 5] if code == "GBP" else [100, 50, 20, 10, 5, 1]
    )
    assert bool(coins(currency)) == (code == "GBP")
    assert list(notes_and_coins(currency, change)) == given
