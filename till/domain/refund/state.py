"""The state of a refund: the fold of its events."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.payment.movement import Movement, PaymentState

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.refund.events import RefundStarted


class Refund(Movement, frozen=True, kw_only=True):
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


def begun(refund_id: str, data: RefundStarted, at: datetime, till: int, user: int | None) -> Refund:
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
