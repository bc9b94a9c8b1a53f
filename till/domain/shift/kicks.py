"""The events that open the drawer (ADR 0064)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import N_
from till.domain.payment.events import PaymentApproved, PaymentVoided, TipCorrected
from till.domain.refund.events import RefundApproved
from till.domain.shift.events import CashMoved, DrawerCounted
from till.domain.till.events import DrawerOpened

if TYPE_CHECKING:
    from till.domain.events.registry import EventData

#: The acts that open the drawer, by their events.
OPENING: Final[dict[type[EventData], str]] = {
    PaymentApproved: N_("Payment"),
    PaymentVoided: N_("Payment given back"),
    TipCorrected: N_("Tip"),
    RefundApproved: N_("Refund"),
    CashMoved: N_("Movement of cash"),
    DrawerCounted: N_("Count of the drawer"),
    DrawerOpened: N_("Opened without a sale"),
}


def opens_drawer(data: EventData, till: int) -> bool:
    """True if an event puts something into the drawer of its till or takes it out, or is a count or a no-sale."""
    return type(data) in OPENING and getattr(data, "drawer", till) == till
