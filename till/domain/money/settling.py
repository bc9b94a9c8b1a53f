"""Payments of a total, rounded by local law: the cash part, or the bill. Prices and taxes are not rounded.

Payments (without the change) = total + rounding + tips.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from till.domain.money.measures import NOTHING, Minor
from till.domain.money.rounding import HALF_UP, Direction, divide_and_round

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The cash tender, casefolded for comparison. It gives change.
CASH: Final = "cash"


class PaidRounding(Struct, frozen=True):
    """The rule for rounding an amount to pay.

    Attributes:
        step: the amount to round to a multiple of, in minor units.
        direction: the direction of rounding, symmetric for negative amounts.
        nothing_up_to: the largest amount that is not rounded.
        bill: True if the bill is rounded for any tender; False if only the cash part is.
        never: the casefolded tenders that are never rounded.
    """

    step: Minor
    direction: Direction = HALF_UP
    nothing_up_to: Minor = NOTHING
    bill: bool = False
    never: frozenset[str] = frozenset()

    def of(self, part: int) -> Minor:
        """Return the rounding of a part of the bill: the amount to add, negative to round down."""
        if self.step <= 1 or abs(part) <= self.nothing_up_to:
            return NOTHING
        return Minor(divide_and_round(part, self.step, self.direction) * self.step - part)

    def touches(self, tender: str) -> bool:
        """True if payments in this tender are rounded."""
        tender = tender.casefold()
        return tender not in self.never and (self.bill or tender == CASH)


class PaymentAmount(Struct, frozen=True):
    """A payment in minor units. `amount` includes the tip; None for the exact amount due plus the tip."""

    tender: str
    amount: Minor | None
    tip: Minor = NOTHING


class Misfit(Enum):
    """The reason why a payment is refused."""

    NOTHING_DUE = auto()
    TOO_MUCH = auto()
    OTHER_WAY = auto()
    TIP_TOO_LARGE = auto()


class PaidWrongError(Exception):
    """A payment that does not fit the amount due; `misfit` is the reason."""

    def __init__(self, place: int, misfit: Misfit, due: Minor) -> None:
        super().__init__(place, misfit, due)
        self.place = place
        self.misfit = misfit
        self.due = due


class Settlement(NamedTuple):
    """The outcome of payments, in minor units: the rounding, the change in cash, and the tips."""

    rounding: Minor
    change: Minor
    tips: Minor


def settle(total: Minor, rule: PaidRounding | None, payments: Sequence[PaymentAmount]) -> Settlement:
    """Apply payments to a total, in order.

    Cash is rounded only if it pays the rest. A bill is rounded at once, except for the part paid in tenders of `never`.

    Raises:
        PaidWrongError: a payment exceeds the amount due without change, or does not count towards it.
    """
    rounding = rule.of(total) if rule is not None and rule.bill else NOTHING
    exact = rounded_paid = change = tips = 0
    settled = False
    for place, payment in enumerate(payments):
        is_rounded = rule is not None and rule.touches(payment.tender)
        rule_rounding = rounding if settled else rule.of(total - exact) if rule is not None and is_rounded else NOTHING
        rest = Minor(total + (rounding if settled else 0) - exact - rounded_paid)
        due = rest if settled else Minor(rest + rule_rounding)
        towards = due if payment.amount is None else Minor(payment.amount - payment.tip)
        _check(place, payment, towards, due, rest)
        if not settled:
            settled = _reaches(towards, due) or _reaches(towards, rest)
            rounding = rule_rounding if settled else rounding
        if abs(towards) > abs(due):
            change, towards = Minor(change + towards - due), due
        tips += payment.tip
        rounded_paid += towards if is_rounded else 0
        exact += 0 if is_rounded else towards
        if rule is not None and rule.bill and not settled:
            rounding = rule.of(total - exact)
    return Settlement(rounding, Minor(change), Minor(tips))


def _reaches(towards: Minor, due: Minor) -> bool:
    return towards >= due if due > 0 else towards <= due if due < 0 else True


def _check(place: int, payment: PaymentAmount, towards: Minor, due: Minor, rest: Minor) -> None:
    """Refuse a payment that does not fit. `rest` is the amount due before rounding for its tender."""
    if payment.amount is not None and payment.tip > max(0, payment.amount):
        raise PaidWrongError(place, Misfit.TIP_TOO_LARGE, due)
    if payment.amount is None or (towards == 0 and (payment.tip or due == 0)):
        return
    if due == 0 and rest == 0:
        raise PaidWrongError(place, Misfit.NOTHING_DUE, due)
    if towards == 0 or (towards < 0) != ((due or rest) < 0):
        raise PaidWrongError(place, Misfit.OTHER_WAY, due)
    is_back = (due or rest) < 0
    gives_change = payment.tender.casefold() == CASH and (towards == rest or not is_back)
    if abs(towards) > abs(due) and not gives_change:
        raise PaidWrongError(place, Misfit.TOO_MUCH, due)
