"""A refund as the fold of its events."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.refund.events import RefundStarted


class RefundState(StrEnum):
    """Where a refund stands. Only a declined one gives back what it took of the sale."""

    STARTED = "started"
    UNKNOWN = "unknown"
    APPROVED = "approved"
    DECLINED = "declined"


class Refund(NamedTuple):
    """One refund: what it began with, and what came of it.

    Attributes:
        at: when it began.
        till: where.
        user: who gave it.
        answered: the event that its state comes from.
        is_contradicted: who was asked said that it did not go back, after a person had said that it did.
    """

    id: str
    started: RefundStarted
    state: RefundState
    at: datetime
    till: int
    user: int | None = None
    answered: str = ""
    is_contradicted: bool = False

    @property
    def counts(self) -> bool:
        """Whether what it is about may not be given back once more."""
        return self.state is not RefundState.DECLINED

    @property
    def is_asked_elsewhere(self) -> bool:
        """Whether somebody else gives it back, who can be asked after it."""
        return any((self.started.place, self.started.asker, self.started.number))

    @property
    def is_open(self) -> bool:
        """Whether its answer is awaited."""
        return self.state in {RefundState.STARTED, RefundState.UNKNOWN}
