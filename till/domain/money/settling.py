"""Payments towards a total, rounded as local law demands: the cash part, or the bill. Prices and taxes are not rounded.

Payments (cash less its change) = total + rounding + tips.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from till.domain.money.measures import NOTHING, Minor
from till.domain.money.rounding import HALF_UP, Direction, rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The tender that gives change, in the casefolded form for comparison.
CASH: Final = "cash"


class PaidRounding(Struct, frozen=True):
    """The rule for rounding an amount to pay.

    Attributes:
        step: the multiple that it is rounded to, in minor units.
        direction: the direction; negatives mirror positives.
        nothing_up_to: the largest amount that is not rounded.
        bill: True if the bill is rounded for any tender, and not only the part that is paid in cash.
        never: tenders whose part is never rounded, in lower case.
    """

    step: Minor
    direction: Direction = HALF_UP
    nothing_up_to: Minor = NOTHING
    bill: bool = False
    never: frozenset[str] = frozenset()

    def of(self, part: int) -> Minor:
        """Return the rounding of a part of the bill: the amount to add, negative if it is rounded down."""
        if self.step <= 1 or abs(part) <= self.nothing_up_to:
            return NOTHING
        return Minor(rounded(part, self.step, self.direction) * self.step - part)

    def touches(self, tender: str) -> bool:
        """True if payments in this tender are rounded."""
        tender = tender.casefold()
        return tender not in self.never and (self.bill or tender == CASH)


class Paid(Struct, frozen=True):
    """One payment, in minor units: `amount` includes the tip; None for exactly what is due with the tip on top."""

    tender: str
    amount: Minor | None
    tip: Minor = NOTHING


class Misfit(Enum):
    """Why a payment is refused."""

    NOTHING_DUE = auto()
    TOO_MUCH = auto()
    OTHER_WAY = auto()
    TIP_TOO_LARGE = auto()


class PaidWrongError(Exception):
    """A payment that does not fit the amount due; `misfit` names the fault."""

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


def settle(total: Minor, rule: PaidRounding | None, payments: Sequence[Paid]) -> Settlement:
    """Apply payments in order to a total.

    Cash rounds only if it pays the rest. The bill rounds at once, except for the part paid in tenders that never round.

    Raises:
        PaidWrongError: a payment is more than what is due and gives no change, or does not go towards it.
    """
    rounding = rule.of(total) if rule is not None and rule.bill else NOTHING
    exactly = in_steps = change = tips = 0
    settled = False
    for place, payment in enumerate(payments):
        in_step = rule is not None and rule.touches(payment.tender)
        then = rounding if settled else rule.of(total - exactly) if rule is not None and in_step else NOTHING
        rest = Minor(total + (rounding if settled else 0) - exactly - in_steps)
        due = rest if settled else Minor(rest + then)
        towards = due if payment.amount is None else Minor(payment.amount - payment.tip)
        _check(place, payment, towards, due, rest)
        if not settled:
            settled = _reaches(towards, due) or _reaches(towards, rest)
            rounding = then if settled else rounding
        if abs(towards) > abs(due):
            change, towards = Minor(change + towards - due), due
        tips += payment.tip
        in_steps += towards if in_step else 0
        exactly += 0 if in_step else towards
        if rule is not None and rule.bill and not settled:
            rounding = rule.of(total - exactly)
    return Settlement(rounding, Minor(change), Minor(tips))


def _reaches(towards: Minor, due: Minor) -> bool:
    return towards >= due if due > 0 else towards <= due if due < 0 else True


def _check(place: int, payment: Paid, towards: Minor, due: Minor, rest: Minor) -> None:
    """Refuse a payment that does not fit. `rest` is what is due before this tender's rounding."""
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
