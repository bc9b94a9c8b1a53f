"""Notes and coins of a currency, for the keys of the cash screen and the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.money.measures import Minor

if TYPE_CHECKING:
    from till.domain.money.amount import Currency

# The notes that central banks issue, largest first, in minor units.
_NOTES: Final = {
    "INR": (50_000, 20_000, 10_000, 5_000, 2_000, 1_000),
    "GBP": (5_000, 2_000, 1_000, 500),
    "EUR": (20_000, 10_000, 5_000, 2_000, 1_000, 500),
    "USD": (10_000, 5_000, 2_000, 1_000, 500, 100),
    "CHF": (100_000, 20_000, 10_000, 5_000, 2_000, 1_000),
    "JPY": (10_000, 5_000, 2_000, 1_000),
    "CAD": (10_000, 5_000, 2_000, 1_000, 500),
    "AUD": (10_000, 5_000, 2_000, 1_000, 500),
    "NZD": (10_000, 5_000, 2_000, 1_000, 500),
    "SEK": (100_000, 50_000, 20_000, 10_000, 5_000, 2_000),
    "NOK": (100_000, 50_000, 20_000, 10_000, 5_000),
    "DKK": (50_000, 20_000, 10_000, 5_000),
    "ZAR": (20_000, 10_000, 5_000, 2_000, 1_000),
    "KWD": (20_000, 10_000, 5_000, 1_000, 500, 250),
    "BHD": (20_000, 10_000, 5_000, 1_000, 500),
}
_COINS: Final = {
    "INR": (500, 200, 100, 50),
    "GBP": (200, 100, 50, 20, 10, 5, 2, 1),
    "EUR": (200, 100, 50, 20, 10, 5, 2, 1),
    "USD": (25, 10, 5, 1),
    "CHF": (500, 200, 100, 50, 20, 10, 5),
    "JPY": (500, 100, 50, 10, 5, 1),
    "CAD": (200, 100, 25, 10, 5),
    "AUD": (200, 100, 50, 20, 10, 5),
    "NZD": (200, 100, 50, 20, 10),
    "SEK": (1_000, 500, 200, 100),
    "NOK": (2_000, 1_000, 500, 100),
    "DKK": (2_000, 1_000, 500, 200, 100, 50),
    "ZAR": (500, 200, 100, 50, 20, 10),
    "KWD": (100, 50, 20, 10, 5),
    "BHD": (100, 50, 25, 10, 5),
}


def notes(currency: Currency) -> tuple[Minor, ...]:
    """Return the notes for the cash screen, at most six, largest first, in minor units."""
    known = _NOTES.get(currency.code) or (major * currency.scale for major in (100, 50, 20, 10, 5, 1))
    return tuple(Minor(value) for value in known)


def coins(currency: Currency) -> tuple[Minor, ...]:
    """Return the coins, largest first, in minor units; none if they are not known."""
    return tuple(Minor(value) for value in _COINS.get(currency.code, ()))


def notes_and_coins(currency: Currency, change: Minor) -> tuple[tuple[int, Minor], ...]:
    """Return the fewest notes and coins for a change as (count, value), largest first.

    A rest smaller than the smallest coin is left out.
    """
    pieces: list[tuple[int, Minor]] = []
    left: int = change
    for value in (*notes(currency), *coins(currency)):
        count, left = divmod(left, value)
        if count:
            pieces.append((count, Minor(value)))
    return tuple(pieces)
