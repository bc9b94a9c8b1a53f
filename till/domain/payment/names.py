"""What tenders are called where no config says it."""

from __future__ import annotations

from till.domain.i18n import _


def tender_name(tender: str) -> str:
    """What a tender is called on screen and on paper."""
    names = {
        "CASH": _("Cash"),
        "CARD": _("Card"),
        "UPI": _("UPI"),
        "VOUCHER": _("Voucher"),
        "ACCOUNT": _("House account"),
    }
    return names.get(tender, tender)


def in_words(label: str) -> str:
    """The name of a tender within a sentence: `card`, `UPI`."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
