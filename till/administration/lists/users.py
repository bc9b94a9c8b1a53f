"""The list of the staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, columns
from till.administration.staff import status_words
from till.domain.i18n import N_
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer


def _read(at: AtServer, _selects: Any) -> ListRows:
    return ListRows({"users": at.ask("people_v1")})


USERS: Final = AdminList(
    "users",
    N_("Users"),
    N_("List everybody, by number."),
    _read,
    (
        Column("number", ColumnKind.NUMBER, N_("Number")),
        *columns(ColumnKind.TEXT, name=N_("Name"), role=N_("Role"), status=N_("Status"), language=N_("Language")),
    ),
    texts=lambda _found, person: {"status": status_words(person)},
    desk=DeskRow("number", "name", ("role", "status")),
    also=("staff",),
    hint=N_("add 3 Asha cashier, pin 3, role 3 manager, disable 3, orders 3 …"),
)
