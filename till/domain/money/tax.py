"""Taxes on a line: inclusive or exclusive, several at once, rounded by line or by order; net + tax = gross always."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.domain.money.amount import apportion, round_half_up
from till.domain.money.measures import NOTHING, Millionths, Minor, sum_of

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Rates are integers: a millionth of a whole, so 20 % is 200,000 and 8.875 % is 88,750.
WHOLE: Final = 1_000_000
_RATE: Final = re.compile(r"\d{1,3}(\.\d{1,4})?\Z", re.ASCII)


class Tax(NamedTuple):
    """One tax: its printed name and its rate in millionths. A tuple, for its hash is taken at every key."""

    name: str
    rate: Millionths

    @property
    def percent(self) -> str:
        """The rate as people write it: `20`, `8.875`."""
        major, minor = divmod(self.rate, 10_000)
        return f"{major}.{minor:04d}".rstrip("0").rstrip(".")

    @classmethod
    def of(cls, name: str, percent: str) -> Tax:
        """A tax by its rate in percent.

        Raises:
            ConfigError: the rate is not a number from 0 to 999.9999.
        """
        return cls(name, _millionths(percent))


@lru_cache(maxsize=1024)
def _millionths(percent: str) -> Millionths:
    if not _RATE.match(percent):
        raise ConfigError(_("{rate} is no tax rate. Write percent, such as 20 or 8.875.").format(rate=percent[:20]))
    major, _point, minor = percent.partition(".")
    return Millionths(int(major) * 10_000 + int(minor.ljust(4, "0") or 0))


@dataclass(frozen=True, slots=True)
class Taxed:
    """An amount with its taxes, in minor units: `net + sum(taxes) == gross`, `taxes` in the order of the line's own."""

    net: Minor
    taxes: tuple[Minor, ...]
    gross: Minor

    @property
    def tax(self) -> Minor:
        return sum_of(self.taxes)


def _exact(amount: Minor, taxes: Sequence[Tax], *, included: bool) -> list[tuple[int, int]]:
    """Each tax of an amount as a fraction (numerator, denominator)."""
    whole = WHOLE + sum(tax.rate for tax in taxes) if included else WHOLE
    return [(amount * tax.rate, whole) for tax in taxes]


def tax_line(amount: Minor, taxes: tuple[Tax, ...], *, included: bool) -> Taxed:
    """Tax one line by itself, each tax rounded once, half up. `amount` is gross when `included`, else net."""
    return _tax_line(amount, taxes, included=included)


@lru_cache(maxsize=8192)  # behind a function of its own: what is cached takes arguments of any type
def _tax_line(amount: Minor, taxes: tuple[Tax, ...], *, included: bool) -> Taxed:
    parts = tuple(Minor(round_half_up(top, bottom)) for top, bottom in _exact(amount, taxes, included=included))
    if included:
        return Taxed(Minor(amount - sum(parts)), parts, amount)
    return Taxed(amount, parts, Minor(amount + sum(parts)))


def tax_order(
    amounts: Sequence[Minor], taxes: Sequence[tuple[Tax, ...]], *, included: bool, by_order: bool
) -> list[Taxed]:
    """Tax the lines of an order.

    Args:
        amounts: what each line comes to after discounts, in minor units; gross when `included`, else net.
        taxes: the taxes of each line.
        included: whether the amounts contain their taxes.
        by_order: round each tax once for the whole order and spread it over its lines by largest remainder;
            otherwise each line rounds by itself.
    """
    if not by_order:
        return [tax_line(amount, own, included=included) for amount, own in zip(amounts, taxes, strict=True)]
    parts: list[list[Minor]] = [[NOTHING] * len(own) for own in taxes]
    for tax in dict.fromkeys(tax for own in taxes for tax in own):
        places = [(line, place) for line, own in enumerate(taxes) for place, known in enumerate(own) if known == tax]
        shares = _spread_tax(tax, [line for line, _place in places], amounts, taxes, included=included)
        for (line, place), part in zip(places, shares, strict=True):
            parts[line][place] = part
    if included:
        return [Taxed(Minor(a - sum(p)), tuple(p), a) for a, p in zip(amounts, parts, strict=True)]
    return [Taxed(a, tuple(p), Minor(a + sum(p))) for a, p in zip(amounts, parts, strict=True)]


def _spread_tax(
    tax: Tax, lines: Sequence[int], amounts: Sequence[Minor], taxes: Sequence[tuple[Tax, ...]], *, included: bool
) -> list[Minor]:
    """One tax over its lines: the exact sum rounded once, then shared by what each line owes exactly."""
    wholes = [WHOLE + (sum(t.rate for t in taxes[line]) if included else 0) for line in lines]
    common = math.prod(set(wholes))
    shares = [amounts[line] * tax.rate * (common // whole) for line, whole in zip(lines, wholes, strict=True)]
    return [Minor(part) for part in apportion(shares, common)]
