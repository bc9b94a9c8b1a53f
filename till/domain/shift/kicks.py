"""The events that open the drawer (ADR 0064)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.domain.payment.events import PaymentApproved, PaymentVoided, TipCorrected
from till.domain.refund.events import RefundApproved
from till.domain.shift.events import CashMoved, DrawerCounted
from till.domain.till.events import DrawerOpened

if TYPE_CHECKING:
    from till.domain.events.registry import EventData

#: The acts that open the drawer, by their events.
OPENING: Final[dict[type[EventData], str]] = {
    PaymentApproved: _("Payment"),
    PaymentVoided: _("Payment given back"),
    TipCorrected: _("Tip"),
    RefundApproved: _("Refund"),
    CashMoved: _("Movement of cash"),
    DrawerCounted: _("Count"),
    DrawerOpened: _("Opening"),
}


def opens_drawer(data: EventData, till: int) -> bool:
    """True if an event puts something into the drawer of its till or takes it out, or is a count or a no-sale."""
    return type(data) in OPENING and getattr(data, "drawer", till) == till
