"""The feedback of guests on the sales of a business date: scores, and words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from db.tables.views import feedback_by_order
from till.domain.events.envelope import time_text
from till.domain.order.feedback import SCORES

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy import Connection


class FeedbackRow(NamedTuple):
    """The feedback of one guest. `words` is empty if there were none, or they were erased; `total` is text."""

    score: int
    words: str
    at: datetime
    receipt: str
    till: int
    user: int | None
    total: str
    currency: str


@dataclass(frozen=True, slots=True)
class FeedbackReport:
    """The feedback on the sales of one business date, oldest first."""

    day: date
    said: tuple[FeedbackRow, ...]

    @property
    def scores(self) -> dict[int, int]:
        """The number of times that each score was given."""
        return {score: sum(one.score == score for one in self.said) for score in SCORES}

    @property
    def average(self) -> str | None:
        """The mean score with two decimals, rounded half up; None without feedback."""
        count = len(self.said)
        if not count:
            return None
        hundredths = (sum(one.score for one in self.said) * 200 + count) // (2 * count)
        return f"{hundredths // 100}.{hundredths % 100:02}"

    def to_data(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return {
            "day": self.day.isoformat(),
            "count": len(self.said),
            "average": self.average,
            "scores": {str(score): times for score, times in self.scores.items()},
            "feedback": [{**one._asdict(), "at": time_text(one.at)} for one in self.said],
        }


def read_feedback(connection: Connection, store_id: str, day: date) -> FeedbackReport:
    """Read the feedback on the sales of a business date.

    Args:
        connection: of any role that may read the views of reports; as `db.engine.reading` opens it.
        store_id: the venue.
        day: a business date.
    """
    of = feedback_by_order.c
    rows = connection.execute(
        select(of.score, of.words, of.at, of.receipt, of.till_id, of.user_id, of.total, of.currency)
        .where(of.store_id == store_id, of.business_date == day)
        .order_by(of.at, of.order_id)
    ).all()
    return FeedbackReport(
        day,
        tuple(
            FeedbackRow(score, words, at, receipt or "", till, user, str(total), currency)
            for score, words, at, receipt, till, user, total, currency in rows
        ),
    )
