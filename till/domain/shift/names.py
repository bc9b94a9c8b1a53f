"""The names of what moves the balance of a drawer, and of the sums of a shift."""

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
#: The names of what moves a balance (`till.domain.shift.books`), in the order of a drawer's account.
MOVED: Final[dict[str, str]] = {
    "difference": _("Difference of counts"),
    "payments": _("Taken"),
    "change": _("Change"),
    "given_back": _("Given back"),
    "refunds": _("Refunds"),
    "tips_corrected": _("Tips corrected"),
    **KINDS,
    "corrected": _("Tenders corrected"),
    "undone": _("Undone"),
    "taken": _("Taken out at counts"),
}
#: The names of the figures of an X and a Z.
FIGURES: Final[dict[str, str]] = {
    "gross": _("Sales"),
    "net": _("Net"),
    "tax": _("Tax"),
    "service_charge": _("Of it service charge"),
    "rounding": _("Rounding"),
    "tips": _("Tips"),
    "refunds": _("Refunds"),
    "taken_ahead": _("Taken ahead of a sale"),
    "used": _("Taken before or elsewhere"),
    "discounts": _("Discounts"),
    "comps": _("Comps"),
    "voids": _("Voids"),
    "voids_after_sending": _("Voids after sending"),
    "no_sales": _("Opened without a sale"),
    "copies": _("Copies"),
    "bills": _("Provisional bills"),
    "open_orders": _("Open orders"),
    "unanswered": _("Without an answer"),
    "arrived_later": _("Arrived after the close, less refunds"),
    "total_sales": _("All sales so far"),
    "total_refunds": _("All refunds so far"),
    "total_net": _("All sales less refunds"),
}
