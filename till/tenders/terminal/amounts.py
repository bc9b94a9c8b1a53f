"""Conversions of amounts between nexo, in major units of the currency, and the till, in minor units."""

from __future__ import annotations

from decimal import Decimal

from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.tenders.terminal.messages import LARGEST


def in_major(minor: Minor, currency: str) -> Decimal:
    """Return an amount for a message."""
    return Decimal(minor).scaleb(-Currency(currency).exponent)


def in_minor(amount: Decimal, currency: str) -> Minor | None:
    """Return an amount from a message; None if it is out of range or has too many decimals."""
    if not (amount.is_finite() and 0 <= amount <= LARGEST):
        return None
    minor = amount.scaleb(Currency(currency).exponent)
    whole = int(minor)
    return Minor(whole) if whole == minor else None
