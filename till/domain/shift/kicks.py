"""The events that open the drawer (design §12.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.payment.events import PaymentApproved, PaymentVoided, TipCorrected
from till.domain.refund.events import RefundApproved
from till.domain.shift.events import CashMoved, DrawerCounted
from till.domain.till.events import DrawerOpened

if TYPE_CHECKING:
    from till.domain.events.registry import EventData


def opens_drawer(data: EventData, till: int) -> bool:
    """True if an event puts something into the drawer of its till or takes it out, or is a count or a no-sale."""
    match data:
        case PaymentApproved() | PaymentVoided() | RefundApproved() | TipCorrected():
            return data.drawer == till
        case CashMoved() | DrawerCounted() | DrawerOpened():
            return True
        case _:
            return False
