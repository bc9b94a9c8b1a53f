"""The names of what moves the balance of a drawer."""

from __future__ import annotations

from typing import Final

from till.domain.i18n import _

#: The names of the movements.
KINDS: Final[dict[str, str]] = {
    "float": _("Float"),
    "paid_in": _("Paid in"),
    "paid_out": _("Paid out"),
    "safe_drop": _("To the safe"),
    "bank_deposit": _("To the bank"),
    "wages": _("Wages"),
    "tips_paid_out": _("Tips paid out"),
    "private_in": _("Private money in"),
    "private_out": _("Private money out"),
    "account": _("House account paid off"),
    "voucher": _("Voucher sold"),
}
#: The names of what else moves a balance (`till.domain.shift.books`).
MOVED: Final[dict[str, str]] = {
    **KINDS,
    "payments": _("Taken"),
    "change": _("Change"),
    "given_back": _("Given back"),
    "refunds": _("Refunds"),
    "tips_corrected": _("Tips corrected"),
    "corrected": _("Tenders corrected"),
    "difference": _("Difference of counts"),
    "taken": _("Taken out at counts"),
    "undone": _("Undone"),
}
