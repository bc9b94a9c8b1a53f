"""The names of what moves the balance of a drawer, and of the sums of a shift."""

from __future__ import annotations

from typing import Final

from till.domain.i18n import _
from till.domain.shift.events import GrandTotals, SalesSum, ShiftClosed, ShiftSums
from till.domain.shift.figure import figures_of

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
#: The names of the figures of an X and a Z, as their fields declare them, and of what a report adds to a server's Z.
FIGURES: Final[dict[str, str]] = {
    one.name: one.figure.words
    for struct in (SalesSum, ShiftSums, ShiftClosed, GrandTotals)
    for one in figures_of(struct)
} | {"arrived_later": _("Arrived after the close, less refunds")}
