"""The fold of a refund: sort by id, apply. Approved wins over declined, and both over what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.refund import events as happened
from till.domain.refund.state import Refund, RefundState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData

#: What each answer means. Lint fails when a type of the refund's stream has no step.
STEPS: Final[Mapping[type[EventData], RefundState]] = {
    happened.RefundStarted: RefundState.STARTED,
    happened.RefundUnknown: RefundState.UNKNOWN,
    happened.RefundDeclined: RefundState.DECLINED,
    happened.RefundApproved: RefundState.APPROVED,
}
#: Which answer stands where two tills heard different ones: money that moved did so.
_STRENGTH: Final = (RefundState.STARTED, RefundState.UNKNOWN, RefundState.DECLINED, RefundState.APPROVED)


def fold(events: Iterable[Event]) -> dict[str, Refund]:
    """The refunds that these events make, by id, the first first; what has no beginning here is left out."""
    refunds: dict[str, Refund] = {}
    answers: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda one: one.id):
        data = event.data
        if isinstance(data, happened.RefundStarted):
            if event.stream_id not in refunds:
                refunds[event.stream_id] = Refund(
                    event.stream_id, data, RefundState.STARTED, event.at, event.till, event.user
                )
        elif type(data) in STEPS:
            answers.setdefault(event.stream_id, []).append(event)
    return {
        refund_id: _answered(refund, answers[refund_id]) if refund_id in answers else refund
        for refund_id, refund in refunds.items()
    }


def _answered(refund: Refund, answers: list[Event]) -> Refund:
    strongest = max(answers, key=lambda one: (_STRENGTH.index(STEPS[type(one.data)]), one.id))
    state = STEPS[type(strongest.data)]
    declined = any(isinstance(one.data, happened.RefundDeclined) and one.id > strongest.id for one in answers)
    return refund._replace(state=state, answered=strongest.id, is_contradicted=declined)
