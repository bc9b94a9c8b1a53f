"""Amounts as nexo writes them, in the currency's major unit, and as a till counts, in its minor one."""

from __future__ import annotations

from decimal import Decimal

from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.tenders.terminal.messages import LARGEST


def in_major(minor: Minor, currency: str) -> Decimal:
    """An amount as it goes into a message."""
    return Decimal(minor).scaleb(-Currency(currency).exponent)


def in_minor(amount: Decimal, currency: str) -> Minor | None:
    """An amount out of a message; nothing for one that the currency does not have."""
    if not (amount.is_finite() and 0 <= amount <= LARGEST):
        return None
    minor = amount.scaleb(Currency(currency).exponent)
    whole = int(minor)
    return Minor(whole) if whole == minor else None
