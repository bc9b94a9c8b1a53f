"""Parts of a sale: an amount with its net, taxes and rounding, limited to the rest of the sale."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from till.domain.money.amount import spread
from till.domain.money.measures import NOTHING, Minor, sum_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class TaxName(Struct, frozen=True):
    """A tax by its printed name, and its rate or amount per piece. `added` is true if the price does not include it."""

    name: str
    rate: str | None = None
    per_piece: str | None = None
    added: bool = False


class Part(NamedTuple):
    """An amount with its net, and the net and tax of each tax; the rest is rounding."""

    amount: Minor
    net: Minor
    taxes: Mapping[TaxName, tuple[Minor, Minor]]

    @property
    def tax(self) -> Minor:
        """The sum of the taxes."""
        return sum_of(tax for _net, tax in self.taxes.values())

    @property
    def rounding(self) -> Minor:
        """The part of the amount that is rounding."""
        return Minor(self.amount - self.net - self.tax)


def limit_part(wanted: Part, left: Part) -> Part:
    """Return a part of the same amount whose net, taxes and rounding do not exceed those that are left.

    If one of them is too small, the others make up the difference, the net first. `wanted` must not exceed `left`.
    """
    if wanted.amount == left.amount:
        return left
    names = list(wanted.taxes)
    bounds = [left.net, *(left.taxes.get(name, (NOTHING, NOTHING))[1] for name in names)]
    others = {name: both for name, both in left.taxes.items() if name not in wanted.taxes}
    names += others
    bounds += [tax for _net, tax in others.values()]
    # the rounding that stays must not exceed the amount that stays
    rounding = limit(wanted.rounding, left.rounding)
    rounding = max(rounding, min(left.rounding, Minor(left.rounding - (left.amount - wanted.amount))))
    requested = [wanted.net, *(tax for _net, tax in wanted.taxes.values()), *(NOTHING for _name in others)]
    taken = [limit(own, bound) for own, bound in zip(requested, bounds, strict=True)]
    missing = wanted.amount - rounding - sum(taken)
    for place, bound in enumerate(bounds):
        more = limit(missing, bound - taken[place]) if missing > 0 else max(missing, min(-taken[place], 0))
        taken[place] = Minor(taken[place] + more)
        missing -= more
    net, *taxes = taken
    return Part(
        wanted.amount,
        Minor(net + missing),
        {name: (_base(wanted, left, name), tax) for name, tax in zip(names, taxes, strict=True)},
    )


def _base(wanted: Part, left: Part, name: TaxName) -> Minor:
    """Return the net that a tax of the part is charged on, limited to the net that is left."""
    none = (NOTHING, NOTHING)
    return limit(wanted.taxes.get(name, none)[0], left.taxes.get(name, none)[0])


def limit(wanted: int, bound: int) -> Minor:
    """Limit a number to the range from zero to a bound, which may be negative."""
    return Minor(max(min(wanted, max(bound, 0)), min(bound, 0)))


def adjust_parts(parts: Sequence[Part], whole: Part) -> list[Part]:
    """Adjust the parts of rows so that their amounts, nets and taxes add up to the whole refund."""
    amounts = _fitted([part.amount for part in parts], whole.amount)
    nets = _fitted([part.net for part in parts], whole.net)
    taxes: list[dict[TaxName, tuple[Minor, Minor]]] = [{} for _part in parts]
    for name, (_base_of_all, all_tax) in whole.taxes.items():
        known = [part.taxes.get(name, (NOTHING, NOTHING)) for part in parts]
        row_taxes = [tax for _net, tax in known]
        fitted = _fitted(row_taxes if any(row_taxes) else amounts, all_tax) if all_tax or any(row_taxes) else row_taxes
        for row_result, (net, _tax), tax in zip(taxes, known, fitted, strict=True):
            if net or tax:
                row_result[name] = (net, tax)
    return [Part(*values) for values in zip(amounts, nets, taxes, strict=True)]


def _fitted(known: Sequence[Minor], whole: Minor) -> list[Minor]:
    """Return amounts that sum to `whole`: as given if they do, or else spread in proportion."""
    return list(known) if sum(known) == whole else spread(whole, known)
