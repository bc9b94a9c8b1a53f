"""The logins of the venue, for `till admin sessions list --logins`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.cli.administration import administration
from till.cli.output import note, print_json, print_table
from till.domain.events.envelope import read_time
from till.domain.i18n import _, ngettext

if TYPE_CHECKING:
    from till.cli.surroundings import Surroundings
    from till.domain.venue import Venue
    from till.reports.logins import LoginRow

_WORDS: Final = {
    "ACTIVE": _("logged in"),
    "RECONNECTING": _("reconnecting"),
    "INACTIVE": _("no contact"),
    "EXPIRED": _("expired"),
}
_QUALITY: Final = {"GOOD": _("good"), "DEGRADED": _("slow"), "POOR": _("very slow")}


def list_logins(here: Surroundings, *, user: int | None, till: int | None, limit: int, as_json: bool) -> None:
    """List current logins, newest first."""
    from db.engine import selecting
    from till.reports.logins import read_logins

    with administration(here) as admin, selecting(admin.connection) as selects:
        rows = read_logins(selects, admin.store_id, user=user, till=till, limit=limit)
        venue = admin.venue()
    if as_json:
        print_json({"logins": rows})
        return
    print_table(
        [_("Since"), _("Staff"), _("Till"), _("Status"), _("Connection"), _("Last seen"), _("Machine"), _("Id")],
        (
            [
                _local(venue, row["created_at"], "%Y-%m-%d %H:%M"),
                " ".join(str(part) for part in (row["user"], row["user_name"]) if part is not None),
                row["till_name"] or str(row["till"] or ""),
                _("logged out") if row["status"] == "INACTIVE" and row["ended_at"] else _WORDS[row["status"]],
                _connection(row),
                _local(venue, row["last_active"], "%H:%M:%S"),
                str(row["metadata"].get("pod_name") or ""),
                row["id"],
            ]
            for row in rows
        ),
    )
    note(ngettext("{n} login.", "{n} logins.", len(rows)).format(n=len(rows)))


def _connection(row: LoginRow) -> str:
    """Return the quality of a login's connection in words; "lost" if its till is silent."""
    quality = row["connection_quality"]
    if quality is None:
        return ""
    return _QUALITY[quality] if row["status"] == "ACTIVE" else _("lost")


def _local(venue: Venue, moment: str | None, pattern: str) -> str:
    return f"{venue.local(read_time(moment)):{pattern}}" if moment else ""
