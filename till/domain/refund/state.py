"""The state of a refund: the fold of its events. `till.domain.payment.movement` decides the effect of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.events.aggregate import Aggregate
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.payment.movement import MoneyTransfer, PaymentState, Result, apply_result, confirm_movement
from till.domain.refund import events as happened

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.events.envelope import Event
    from till.domain.refund.events import RefundStarted


class Refund(MoneyTransfer, frozen=True, kw_only=True):
    """A refund of money of a sale. `amount` is positive.

    Attributes:
        started: the first event.
        last_id: the id of the newest event.
    """

    started: RefundStarted
    last_id: str = ""

    @property
    def counts(self) -> bool:
        """True if its part of the sale cannot be refunded again. Only a declined refund does not count."""
        return self.state is not PaymentState.DECLINED

    @property
    def is_over(self) -> bool:
        """True if the refund has a final answer."""
        return not self.is_open


def new_refund(refund_id: str, data: RefundStarted, at: datetime, till: int, user: int | None) -> Refund:
    """Return a new refund.

    Raises:
        AmountError: the amount has more decimals than the currency.
    """
    return Refund(
        id=refund_id,
        tender=data.tender,
        amount=Minor(-Currency(data.currency).minor(data.amount)),
        state=PaymentState.STARTED,
        at=at,
        started_at=at,
        till=till,
        user=user,
        reference=(data.place, data.asker, data.number),
        transaction=data.transaction,
        started=data,
    )


def _started(refund: Refund | None, event: Event, data: happened.RefundStarted) -> Refund:
    return refund or new_refund(event.stream_id, data, event.at, event.till, event.user)


def _approved(refund: Refund, event: Event, data: happened.RefundApproved) -> Refund:
    return apply_result(refund, Result(PaymentState.APPROVED, data.approved_by), event.at)


def _declined(refund: Refund, event: Event, data: happened.RefundDeclined) -> Refund:
    return apply_result(refund, Result(PaymentState.DECLINED, data.approved_by, reason=data.reason), event.at)


def _confirmed(refund: Refund, event: Event, _data: happened.RefundConfirmed) -> Refund:
    return confirm_movement(refund, event.at)


def _unknown(refund: Refund, event: Event, _data: happened.RefundUnknown) -> Refund:
    return apply_result(refund, Result(PaymentState.UNKNOWN), event.at)


#: The aggregate of refunds. A test fails if an event type of refunds has no step.
REFUNDS: Final[Aggregate[Refund]] = Aggregate(
    happened.RefundEvent,
    {
        happened.RefundStarted: _started,
        happened.RefundApproved: _approved,
        happened.RefundDeclined: _declined,
        happened.RefundConfirmed: _confirmed,
        happened.RefundUnknown: _unknown,
    },
)
