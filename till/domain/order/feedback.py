"""Guest feedback on a paid order. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.events.fields import LONGEST_FREE
from till.domain.i18n import N_
from till.domain.order.deciding import event_of
from till.domain.order.events import FeedbackGiven
from till.domain.order.state import Feedback
from till.domain.text import clean

if TYPE_CHECKING:
    from till.domain.events.envelope import Draft
    from till.domain.order.state import Order

#: Scores from bad to very good.
SCORES: Final = range(1, 6)


class FeedbackError(TillError):
    """Feedback without a valid score or a paid order."""

    code = "feedback"
    default = N_("A score is a digit from 1 to 5, for an order that was paid.")


def give(order: Order, score: int, words: str) -> list[Draft]:
    """Record the guest's feedback, replacing any earlier feedback."""
    if order.placed is None or score not in SCORES:
        raise FeedbackError
    given = Feedback(score, clean(words).strip()[:LONGEST_FREE])
    if given == order.feedback:
        return []
    data = FeedbackGiven(order_id=order.placed.data.order_id, score=given.score, words=given.words)
    return [event_of(order, data)]
