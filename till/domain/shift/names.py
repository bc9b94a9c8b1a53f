"""The names of what moves the balance of a drawer, and of the sums of a shift."""

from __future__ import annotations

from typing import Final

from till.domain.i18n import N_
from till.domain.shift.events import GrandTotals, SalesSum, ShiftClosed, ShiftSums
from till.domain.shift.figure import figures_of

#: The names of the movements.
KINDS: Final[dict[str, str]] = {
    "float": N_("Float"),
    "paid_in": N_("Paid in"),
    "paid_out": N_("Paid out"),
    "safe_drop": N_("To the safe"),
    "bank_deposit": N_("To the bank"),
    "wages": N_("Wages"),
    "tips_paid_out": N_("Tips paid out"),
    "private_in": N_("Private money in"),
    "private_out": N_("Private money out"),
    "account": N_("House account paid off"),
    "voucher": N_("Voucher sold"),
}
#: The names of what moves a balance (`till.domain.shift.books`), in the order of a drawer's account.
MOVED: Final[dict[str, str]] = {
    "difference": N_("Difference of counts"),
    "payments": N_("Taken"),
    "change": N_("Change"),
    "given_back": N_("Given back"),
    "refunds": N_("Refunds"),
    "tips_corrected": N_("Tips corrected"),
    **KINDS,
    "corrected": N_("Tenders corrected"),
    "undone": N_("Undone"),
    "taken": N_("Taken out at counts"),
}
#: The names of the figures of an X and a Z, as their fields declare them, and of what a report adds to a server's Z.
FIGURES: Final[dict[str, str]] = {
    one.name: one.figure.words
    for struct in (SalesSum, ShiftSums, ShiftClosed, GrandTotals)
    for one in figures_of(struct)
} | {"arrived_later": N_("Arrived after the close, less refunds")}
