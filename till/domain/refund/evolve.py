"""The fold of a refund. `till.domain.payment.movement` decides the effect of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.events.aggregate import Aggregate
from till.domain.payment.movement import PaymentState, Result, apply_result
from till.domain.refund import events as happened
from till.domain.refund.state import Refund, begun

if TYPE_CHECKING:
    from till.domain.events.envelope import Event


def _started(refund: Refund | None, event: Event, data: happened.RefundStarted) -> Refund:
    return refund or begun(event.stream_id, data, event.at, event.till, event.user)


def _approved(refund: Refund, event: Event, data: happened.RefundApproved) -> Refund:
    return apply_result(refund, Result(PaymentState.APPROVED, data.approved_by), event.at)


def _declined(refund: Refund, event: Event, data: happened.RefundDeclined) -> Refund:
    return apply_result(refund, Result(PaymentState.DECLINED, data.approved_by, reason=data.reason), event.at)


def _unknown(refund: Refund, event: Event, _data: happened.RefundUnknown) -> Refund:
    return apply_result(refund, Result(PaymentState.UNKNOWN), event.at)


#: The aggregate of refunds. A test fails if an event type of refunds has no step.
REFUNDS: Final[Aggregate[Refund]] = Aggregate(
    happened.RefundEvent,
    {
        happened.RefundStarted: _started,
        happened.RefundApproved: _approved,
        happened.RefundDeclined: _declined,
        happened.RefundUnknown: _unknown,
    },
)
