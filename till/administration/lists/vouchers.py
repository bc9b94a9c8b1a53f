"""The list of the vouchers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.domain.i18n import N_, ngettext
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer


def _read(at: AtServer, selects: Any) -> ListRows:
    from till.reports.vouchers import read_vouchers

    return ListRows({"vouchers": read_vouchers(selects, at.store_id)})


VOUCHERS: Final = AdminList(
    "vouchers",
    N_("Vouchers, newest first"),
    N_("List all vouchers with their balances, newest first."),
    _read,
    (
        Column("code", ColumnKind.TEXT, N_("Code")),
        *columns(ColumnKind.MONEY, amount=N_("Worth"), left=N_("Left")),
        Column("expires", ColumnKind.TEXT, N_("Until")),
        Column("issued_at", ColumnKind.DAY, N_("Issued")),
        Column("unpaid", ColumnKind.FLAG, words={True: N_("unpaid")}),
        Column("voided_at", ColumnKind.FLAG, words={True: N_("void")}),
        Column("voucher", ColumnKind.ID),
    ),
    texts=lambda _found, one: {"code": f"…{one['hint']}"},
    count=lambda found: ngettext("{n} voucher.", "{n} vouchers.", found.size).format(n=found.size),
    desk=DeskRow(name="code", detail=(N_("of {amount}"), N_("until {expires}"), "unpaid", "voided_at"), right="left"),
    by_owner=True,
)
