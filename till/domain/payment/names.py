"""What tenders are called."""

from __future__ import annotations

from till.domain.i18n import _


def tender_name(tender: str) -> str:
    """What a tender is called on screen and on paper."""
    return {"CASH": _("Cash"), "CARD": _("Card")}.get(tender, tender)
