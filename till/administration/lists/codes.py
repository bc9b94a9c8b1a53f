"""The list of the codes that exports look up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.domain.i18n import N_
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer


def _read(at: AtServer, _selects: Any) -> ListRows:
    menu = at.ask("menu_export_v1") or {}
    names = {one["id"]: one["name"] for part in ("items", "categories") for one in menu.get(part, ())}
    return ListRows(
        {
            "codes": [
                {"scheme": scheme, "kind": kind, "id": own, "name": names.get(own, own), "code": code}
                for scheme, kinds in sorted(at.ask("codes_v1").items())
                for kind, codes in sorted(kinds.items())
                for own, code in sorted(codes.items(), key=lambda one: (names.get(one[0], one[0]), one))
            ]
        }
    )


CODES: Final = AdminList(
    "codes",
    N_("Codes for exports"),
    N_("List the codes of items, tenders and taxes that exports look up, by the list that they are of."),
    _read,
    (
        Column("scheme", ColumnKind.TEXT, N_("List")),
        Column("kind", ColumnKind.TEXT, N_("Kind")),
        *columns(ColumnKind.TEXT, name=N_("Name"), code=N_("Code")),
    ),
    rows="codes",
    desk=DeskRow(name="name", detail=("scheme", "kind"), right="code"),
    hint=N_("code no-saft category Dosas 04003"),
)
