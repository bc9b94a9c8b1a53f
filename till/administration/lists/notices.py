"""The list of the notices that nobody has seen yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from till.administration.listing import AdminList, DeskRow, ListRows
from till.domain.i18n import N_, ngettext
from till.domain.notice.words import Words
from till.reports.report import Column, ColumnKind
from till.reports.words import formats_of

if TYPE_CHECKING:
    from till.administration.calls import AtServer


def _read(at: AtServer, selects: Any, *, till: int | None = None, limit: int = 200) -> ListRows:
    from till.reports.notices import read_notices

    venue = at.venue()
    names = {person["number"]: person["name"] for person in at.ask("people_v1")}
    words = Words(venue, formats_of(venue), lambda number: names.get(number, ""))
    found = read_notices(selects, at.store_id, till=till, limit=limit)
    return ListRows({"notices": [{**msgspec.to_builtins(one), "said": words.say(one).sentence} for one in found]})


NOTICES: Final = AdminList(
    "notices",
    N_("Notices"),
    N_("List decisions of the server that nobody at a till has seen yet, oldest first."),
    _read,
    (
        Column("at", ColumnKind.TIME, N_("At")),
        Column("till", ColumnKind.TEXT, N_("Till")),
        Column("user", ColumnKind.TEXT, N_("Staff"), words={0: ""}),
        Column("said", ColumnKind.TEXT, N_("Notice")),
    ),
    count=lambda found: ngettext("{n} unseen notice.", "{n} unseen notices.", found.size).format(n=found.size),
    desk=DeskRow(name="at", detail=("said",), right=N_("till {till}")),
    by_owner=True,
)
