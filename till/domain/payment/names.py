"""The default names of tenders, for those that no configuration names."""

from __future__ import annotations

from typing import Final

from till.domain.i18n import _

#: A voucher, paid for before and kept at the server.
VOUCHER: Final = "VOUCHER"
#: A house account: the guest pays later.
ACCOUNT: Final = "ACCOUNT"
#: The tenders whose money the venue's server keeps; only it approves them.
KEPT_BY_SERVER: Final = (VOUCHER, ACCOUNT)
#: The pattern of a tender's name in records and configurations.
TENDER: Final = r"^[A-Z][A-Z0-9_]{0,19}\Z"
#: The names of the tenders of every venue, for people.
TENDER_NAMES: Final = {
    "CASH": _("Cash"),
    "CARD": _("Card"),
    "UPI": _("UPI"),
    VOUCHER: _("Voucher"),
    ACCOUNT: _("House account"),
}


def tender_name(tender: str) -> str:
    """Return the name of a tender on screen and on paper."""
    return TENDER_NAMES.get(tender, tender)


def in_words(label: str) -> str:
    """Return the name of a tender within a sentence: `card`, `UPI`."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
