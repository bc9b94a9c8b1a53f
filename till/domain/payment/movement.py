"""Movements of money: one state machine for payments, returns of payments on an open order, and refunds (ADR 0043).

This module decides the state of a movement and the effect of an answer. The three kinds differ in their events and in
the amount that they settle.
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
    """The state of a movement of money. Only approved movements count."""

    STARTED = "started"
    UNKNOWN = "unknown"
    AUTHORISED = "authorised"
    DECLINED = "declined"
    APPROVED = "approved"
    #: A refunded payment.
    VOIDED = "voided"


#: The states of movements without a final answer.
AWAITED: Final = frozenset({PaymentState.STARTED, PaymentState.UNKNOWN, PaymentState.AUTHORISED})
#: The final answers.
ANSWERED: Final = frozenset({PaymentState.DECLINED, PaymentState.APPROVED})
#: The precedence of states. A stronger state is never replaced by a weaker one.
_STRENGTH: Final[Mapping[PaymentState, int]] = {state: place for place, state in enumerate(PaymentState)}


class MoneyTransfer(Struct, frozen=True):
    """A movement of money in or out, in minor units. `id` is its idempotency key.

    Attributes:
        tender: the tender of the money.
        at: the time at which the movement reached its state.
        till: the till that recorded the state.
        user: the person who recorded the state.
        started_at: the time at which the movement was started; None if unknown.
        reference: the place, the asker and the number at the provider; empty if a person moves the money.
        transaction: the provider's id of the money; for a return or refund, of the money to give back.
        reason: the reason of a decline.
        settled_by: the manager who settled it by hand; None if nobody did.
        is_late: True if the provider declined it first and approved it later.
        is_contradicted: True if answers differ in the outcome or the amount.
        is_revocable: True if the venue's server approved it. The server releases it again if a till declined it.
        is_answered: True if its provider gave a final answer, whatever a person settled.
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
    is_answered: bool = False

    @property
    def is_asked_elsewhere(self) -> bool:
        """True if a provider moves the money and can be asked for the outcome."""
        return any(self.reference)

    @property
    def is_open(self) -> bool:
        """True if the movement has no final answer."""
        return self.state in AWAITED

    @property
    def is_unconfirmed(self) -> bool:
        """True if a person settled the movement, and its provider has not answered."""
        return self.is_asked_elsewhere and self.settled_by is not None and not self.is_answered

    @property
    def is_denied(self) -> bool:
        """True if a person settled that the money moved, and its provider answered that it did not."""
        return self.settled_by is not None and self.is_answered and _settled(self) is PaymentState.APPROVED

    @property
    def is_doubtful(self) -> bool:
        """True if a manager must decide before the money goes back: its provider never agreed that it moved."""
        return self.is_unconfirmed or self.is_denied

    @property
    def provider_transaction(self) -> str:
        """The provider's id of the money; empty if a person typed that number from a slip."""
        return self.transaction if self.is_asked_elsewhere and self.settled_by is None else ""

    @property
    def warning(self) -> str:
        """The sentence to decide by before the money of a movement goes back; empty for none."""
        if self.is_denied:
            return _("Settled by hand, then declined. Check its list first.")
        return _("Settled by hand, never confirmed. Check its list first.") if self.is_unconfirmed else ""

    def check_open(self) -> None:
        """Refuse to settle a movement by hand if it has a final answer."""
        if not self.is_open:
            raise PaymentError(_("That already has its answer."))


class Result(Struct, frozen=True):
    """The outcome of a movement, from its provider or from a person who settles it by hand.

    Attributes:
        by: the manager who settles it by hand; None for an answer of the provider.
        amount: the amount that moved; None for the amount asked for.
        tip: the tip contained in the amount.
        transaction: the provider's id of the money, or the number of a slip.
        card: the brand and the number of the card.
        reason: the reason of a decline.
        is_revocable: as in `MoneyTransfer`.
    """

    state: PaymentState
    by: int | None = None
    amount: Minor | None = None
    tip: Minor = NOTHING
    transaction: str = ""
    card: tuple[str, str] = ("", "")
    reason: str = ""
    is_revocable: bool = False


Kind = TypeVar("Kind", bound=MoneyTransfer)


def _is_revoked(known: MoneyTransfer, result: Result) -> bool:
    """True if a till declined a movement that the server approved, in either order."""
    return {known.state, result.state} == ANSWERED and (known.is_revocable or result.is_revocable)


def counts(known: MoneyTransfer, result: Result) -> bool:
    """True if an answer changes the state: approved outweighs declined, and both outweigh unknown.

    Of two equal answers the first counts, but an approval by the provider replaces an approval by hand. A decline
    outweighs a revocable approval.
    """
    if _is_revoked(known, result):
        return result.state is PaymentState.DECLINED
    if result.state is known.state is PaymentState.APPROVED:
        return result.by is None and known.settled_by is not None
    return _STRENGTH[result.state] > _STRENGTH[known.state]


def apply_result(known: Kind, result: Result, at: datetime) -> Kind:
    """Return a movement after an answer.

    An opposite answer, or an approval of another amount, contradicts the earlier answer. An approval by the provider
    after its decline is only late. Money that was settled by hand and then refunded had been approved.
    """
    by_asked = result.by is None and known.settled_by is None
    opposed = {_settled(known), result.state} == ANSWERED and not _is_revoked(known, result)
    late = opposed and by_asked and result.state is PaymentState.APPROVED
    differs = result.state is known.state and result.amount not in {None, known.amount}
    after = replace(
        known,
        is_late=known.is_late or late,
        is_contradicted=known.is_contradicted or differs or (opposed and not late),
        is_answered=known.is_answered or (result.by is None and result.state in ANSWERED),
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


def _settled(known: MoneyTransfer) -> PaymentState:
    """Return the state before a refund of money that was settled by hand; otherwise the present state."""
    is_back = known.state is PaymentState.VOIDED and known.settled_by is not None
    return PaymentState.APPROVED if is_back else known.state


def confirms(known: MoneyTransfer, result: Result) -> bool:
    """True if the provider's answer agrees with what a person settled: no money moves by it."""
    if not known.is_unconfirmed or result.by is not None or result.state not in ANSWERED:
        return False
    return result.state is _settled(known) and result.amount in {None, known.amount}


def confirm_movement(known: Kind, at: datetime) -> Kind:
    """Return a movement after its provider agreed with what a person settled. Of any other, nothing changes."""
    if not known.is_unconfirmed:
        return known
    declined = known.state is PaymentState.DECLINED
    return apply_result(known, Result(PaymentState.DECLINED if declined else PaymentState.APPROVED), at)


def is_news(known: MoneyTransfer, result: Result) -> bool:
    """True if an answer must be recorded: it changes the movement or contradicts it."""
    return apply_result(known, result, known.at) != known
