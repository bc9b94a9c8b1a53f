"""The logins of the venue, for `till admin sessions list --logins`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, Rows, columns
from till.domain.events.envelope import read_time
from till.domain.i18n import _, ngettext
from till.reports.report import Column, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.administration.calls import AtServer
    from till.administration.listing import Found, Row

_WORDS: Final = {
    "ACTIVE": _("logged in"),
    "RECONNECTING": _("reconnecting"),
    "INACTIVE": _("no contact"),
    "EXPIRED": _("expired"),
}
_QUALITY: Final = {"GOOD": _("good"), "DEGRADED": _("slow"), "POOR": _("very slow")}


def _read(at: AtServer, selects: Any, *, user: int | None, till: int | None, limit: int) -> Rows:
    from till.reports.logins import read_logins

    return Rows({"logins": read_logins(selects, at.store_id, user=user, till=till, limit=limit)})


def _texts(found: Found) -> Callable[[Row], Row]:
    def texts(row: Row) -> Row:
        seen = f"{found.venue.local(read_time(row['last_active'])):%H:%M:%S}" if row["last_active"] else ""
        is_out = row["status"] == "INACTIVE" and row["ended_at"]
        return {
            "who": " ".join(str(part) for part in (row["user"], row["user_name"]) if part is not None),
            "place": row["till_name"] or row["till"],
            "words": _("logged out") if is_out else _WORDS[row["status"]],
            "connection": _connection(row),
            "seen": seen,
            "machine": row["metadata"].get("pod_name"),
        }

    return texts


def _connection(row: Row) -> str:
    """Return the quality of a login's connection in words; "lost" if its till is silent."""
    quality = row["connection_quality"]
    if quality is None:
        return ""
    return _QUALITY[quality] if row["status"] == "ACTIVE" else _("lost")


LOGINS: Final = AdminList(
    "logins",
    _("Logins"),
    _("List current logins, newest first."),
    _read,
    (
        Column("created_at", Kind.TIME, _("Since")),
        Column("user", Kind.TEXT, _("Staff"), of="who"),
        Column("till", Kind.TEXT, _("Till"), of="place"),
        Column("status", Kind.TEXT, _("Status"), of="words"),
        *columns(Kind.TEXT, connection=_("Connection"), seen=_("Last seen"), machine=_("Machine"), id=_("Id")),
    ),
    texts=_texts,
    count=lambda found: ngettext("{n} login.", "{n} logins.", found.size).format(n=found.size),
    by_owner=True,
)
