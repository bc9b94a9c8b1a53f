"""Movements of money that somebody else is asked for: one state machine with a direction (design §11).

It serves payments, returns of payments on an open order, and refunds. They differ in what they settle and in their
events; the state of a movement, and the effect of an answer, is decided here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct

from till.domain.errors import PaymentError
from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class PaymentState(StrEnum):
    """The states of a movement of money. Only an approved one counts."""

    STARTED = "started"
    UNKNOWN = "unknown"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    APPROVED = "approved"
    #: A payment that was given back.
    VOIDED = "voided"


#: The states of movements without a final answer.
AWAITED: Final = frozenset({PaymentState.STARTED, PaymentState.UNKNOWN, PaymentState.AUTHORISED})
#: The final answers.
ANSWERED: Final = frozenset({PaymentState.DECLINED, PaymentState.APPROVED})
#: The precedence of states: moved money stays moved, and returned money stays returned.
_STRENGTH: Final[Mapping[PaymentState, int]] = {state: place for place, state in enumerate(PaymentState)}


class Movement(Struct, frozen=True):
    """Money on its way in or out, in minor units. Its id makes it unique, however often it is asked for.

    Attributes:
        tender: the tender that it moves in.
        at: when it reached its state; `started_at` is when it began, None if unknown.
        till: the till of that act; `user` is its person.
        reference: the place, the asker and the number at its provider; empty if a person moves it.
        transaction: the provider's name of the money; of money that is to go back, the one that it reverses.
        reason: why it was declined.
        settled_by: the manager who settled it by hand without an answer.
        is_late: the provider approved it after declining it.
        is_contradicted: answers differ on whether it moved, or on the amount.
        is_revocable: the venue's server approved it, and releases it when it hears that a till declined it.
    """

    id: str
    tender: str
    amount: Minor
    state: PaymentState
    at: datetime
    till: int
    user: int | None = None
    started_at: datetime | None = None
    reference: tuple[str, str, str] = ("", "", "")
    transaction: str = ""
    reason: str = ""
    settled_by: int | None = None
    is_late: bool = False
    is_contradicted: bool = False
    is_revocable: bool = False

    @property
    def is_asked_elsewhere(self) -> bool:
        """True if a provider answers for it and can be asked."""
        return any(self.reference)

    @property
    def is_open(self) -> bool:
        """True if it has no final answer."""
        return self.state in AWAITED

    def check_open(self) -> None:
        """Refuse to settle a movement by hand that has its answer.

        Raises:
            PaymentError: it has.
        """
        if not self.is_open:
            raise PaymentError(_("That payment already has its answer."))


class Result(Struct, frozen=True):
    """An answer: the outcome of a movement, from its provider or from a person who settles it by hand.

    Attributes:
        by: the manager who settles it; None if the provider answers.
        amount: the amount that moved; None for the amount asked for.
        tip: the part of that amount that is a tip.
        transaction: the provider's name of the money, or the number of its slip.
        card: the brand of the card and its number.
        reason: why it did not move.
        is_revocable: the venue's server approves it, as in `Movement`.
    """

    state: PaymentState
    by: int | None = None
    amount: Minor | None = None
    tip: Minor = NOTHING
    transaction: str = ""
    card: tuple[str, str] = ("", "")
    reason: str = ""
    is_revocable: bool = False


Kind = TypeVar("Kind", bound=Movement)


def _is_revoked(known: Movement, result: Result) -> bool:
    """True if a till declined what the server approved, whichever came first."""
    return {known.state, result.state} == ANSWERED and (known.is_revocable or result.is_revocable)


def counts(known: Movement, result: Result) -> bool:
    """Return True if an answer changes a movement: approved outweighs declined, and both outweigh unknown.

    Of two equal answers the first counts; an approval by the provider replaces one by hand. An approval that is
    revocable does not outweigh a decline.
    """
    if _is_revoked(known, result):
        return result.state is PaymentState.DECLINED
    if result.state is known.state is PaymentState.APPROVED:
        return result.by is None and known.settled_by is not None
    return _STRENGTH[result.state] > _STRENGTH[known.state]


def apply_result(known: Kind, result: Result, at: datetime) -> Kind:
    """Return a movement after an answer.

    An answer that opposes the one before, or approves another amount, is a contradiction. A provider that declines and
    then approves is only late.
    """
    by_asked = result.by is None and known.settled_by is None
    opposed = {known.state, result.state} == ANSWERED and not _is_revoked(known, result)
    late = opposed and by_asked and result.state is PaymentState.APPROVED
    differs = by_asked and result.state is known.state and result.amount not in {None, known.amount}
    after = replace(
        known,
        is_late=known.is_late or late,
        is_contradicted=known.is_contradicted or differs or (opposed and not late),
    )
    if not counts(known, result):
        return after
    return replace(
        after,
        state=result.state,
        settled_by=result.by,
        reason=result.reason,
        at=at,
        is_revocable=result.is_revocable,
    )


def is_news(known: Movement, result: Result) -> bool:
    """True if an answer must be recorded: it changes the movement, or contradicts what is known."""
    return apply_result(known, result, known.at) != known
