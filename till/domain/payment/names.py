"""The default names of tenders, used where the configuration has none."""

from __future__ import annotations

from typing import Final

from till.domain.i18n import N_, _

#: A voucher: prepaid, with its balance at the server.
VOUCHER: Final = "VOUCHER"
#: A house account: the guest pays later.
ACCOUNT: Final = "ACCOUNT"
#: The tenders with balances at the venue's server, which alone approves them.
KEPT_BY_SERVER: Final = (VOUCHER, ACCOUNT)
#: The pattern of a tender's name in records and configurations.
TENDER: Final = r"^[A-Z][A-Z0-9_]{0,19}\Z"
#: The display names of the tenders that every venue has.
TENDER_NAMES: Final = {
    "CASH": N_("Cash"),
    "CARD": N_("Card"),
    "UPI": N_("UPI"),
    VOUCHER: N_("Voucher"),
    ACCOUNT: N_("House account"),
}


def tender_name(tender: str) -> str:
    """Return the name of a tender on screen and on paper."""
    return _(TENDER_NAMES[tender]) if tender in TENDER_NAMES else tender


def in_words(label: str) -> str:
    """Return the name of a tender within a sentence: `card`, `UPI`."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
