"""The list of the vouchers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.domain.i18n import _, ngettext
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer


def _read(at: AtServer, selects: Any) -> ListRows:
    from till.reports.vouchers import read_vouchers

    return ListRows({"vouchers": read_vouchers(selects, at.store_id)})


VOUCHERS: Final = AdminList(
    "vouchers",
    _("Vouchers, newest first"),
    _("List all vouchers with their balances, newest first."),
    _read,
    (
        Column("code", ColumnKind.TEXT, _("Code")),
        *columns(ColumnKind.MONEY, amount=_("Worth"), left=_("Left")),
        Column("expires", ColumnKind.TEXT, _("Until")),
        Column("issued_at", ColumnKind.DAY, _("Issued")),
        Column("unpaid", ColumnKind.FLAG, words={True: _("unpaid")}),
        Column("voided_at", ColumnKind.FLAG, words={True: _("void")}),
        Column("voucher", ColumnKind.ID),
    ),
    texts=lambda _found, one: {"code": f"…{one['hint']}"},
    count=lambda found: ngettext("{n} voucher.", "{n} vouchers.", found.size).format(n=found.size),
    desk=DeskRow(name="code", detail=(_("of {amount}"), _("until {expires}"), "unpaid", "voided_at"), right="left"),
    by_owner=True,
)
