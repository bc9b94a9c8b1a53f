"""Order sessions: list, show, close, erase their free text."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from till.administration.folded import order_of, updated_entries
from till.administration.listing import AdminList, ListResult, ListRows, columns
from till.cli.administration import management
from till.cli.environment import Surroundings
from till.cli.lists import print_found, print_list
from till.cli.options import AsJson, CsvFile  # noqa: TC001 - typer reads the annotations
from till.cli.output import note, print_json, print_table, say
from till.cli.running import make_app
from till.domain.bill import sums_of
from till.domain.errors import TillError
from till.domain.events.envelope import read_time
from till.domain.i18n import N_, _, ngettext
from till.domain.order.state import Status, submitted_name
from till.domain.payment.slips import lines_of
from till.reports.report import Column, ColumnKind
from till.reports.words import amount_text

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.administration.listing import Row
    from till.domain.venue import Venue


def _read_status(typed: str) -> Status:
    """Read a status: its name in the database, or the word for it in lists."""
    by_word = {status.in_words: status for status in Status}
    query = " ".join(typed.casefold().split())
    try:
        return by_word.get(query) or Status(query)
    except ValueError as problem:
        known = ", ".join(f"'{name}'" for name in (*Status, *by_word))
        raise typer.BadParameter(_("'{typed}' is not one of {known}.").format(typed=typed, known=known)) from problem


app = make_app(N_("Orders, open or ended: each is an order session."))

_DIGITS: Final = 16
_SLIP: Final = "slip_kept"
#: Events that may name the person who has the order from then on.
_GIVEN: Final = frozenset({"order_parked", "order_resumed", "order_granted"})
_AMOUNTS: Final = ("unit_price", "amount")
SessionId = Annotated[
    str,
    typer.Argument(
        metavar="ID", help=N_("The id of an order session, or its beginning, or the number of its receipt.")
    ),
]


class NoSessionError(TillError):
    """An order session that does not exist."""

    code = "session"
    default = N_("There is no such order session. `till admin sessions list` lists them.")


@app.command(
    "list",
    epilog=N_("Example: till admin sessions list --status active --status pending_logout --stale 30 --json"),
)
def list_sessions(
    *,
    status: Annotated[
        list[Status] | None,
        typer.Option(
            parser=_read_status,
            metavar="S",
            help=N_("Only of this status: {known}; may be repeated.").format(
                known=", ".join(f"{one} ({one.in_words})" for one in Status if one is not Status.QUARANTINED)
            ),
        ),
    ] = None,
    user: Annotated[int | None, typer.Option(metavar="N", help=N_("Only of this staff number."))] = None,
    till: Annotated[int | None, typer.Option(metavar="T", help=N_("Only held by this till."))] = None,
    stale: Annotated[
        int | None, typer.Option(min=0, metavar="MINUTES", help=N_("Open, with no activity for MINUTES."))
    ] = None,
    archived: Annotated[
        bool, typer.Option("--archived", help=N_("List archived orders, which ended long ago, instead."))
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help=N_("Rows per page."))] = 50,
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help=N_("The `next` value of the previous page."))
    ] = None,
    logins: Annotated[
        bool, typer.Option("--logins", help=N_("Logins instead, with the quality of each connection."))
    ] = False,
    as_json: AsJson = False,
    csv: CsvFile = None,
) -> None:
    """List order sessions, newest first. Those that ended long ago are in the archive: --archived lists them.

    With --logins, list who is logged in where instead.
    """
    if archived and (till is not None or stale is not None):
        raise typer.BadParameter(_("no archived order is open: pass --archived without --till and --stale"))
    if logins:
        if status or stale is not None or after is not None or archived:
            raise typer.BadParameter(
                _("--logins cannot be combined with --status, --stale, --archived or --after: they are for orders")
            )
        print_list(LOGINS, as_json=as_json, csv=csv, user=user, till=till, limit=limit)
        return
    statuses = [str(one) for one in status] if status else None
    query = (statuses, user, till, stale, archived)
    found = print_list(_SESSIONS, as_json=as_json, csv=csv, query=query, limit=limit, after=after)
    if found.body["next"] and not as_json:
        note(_("There are more: --after {cursor}").format(cursor=found.body["next"]))


def _read(at: AtServer, _selects: Any, *, query: tuple[Any, ...], limit: int, after: str | None) -> ListRows:
    statuses, user, till, stale, archived = query
    same = (at.store_id, sorted(set(statuses or ())), user, till, stale, archived)
    start_after = _read_cursor(same, after) if after is not None else None
    stale_minutes = Surroundings.find().config.session.stale_minutes
    asked = (statuses, user, till, stale, limit, start_after, stale_minutes, archived)
    page = at.ask("session_list_v1", *asked)
    page["next"] = _cursor(same, page["next"]) if page["next"] else None
    page["sessions"] = updated_entries(at, page["sessions"])
    return ListRows(page, {"on_tabs": tabs_now(at)})


def _cursor(query: tuple[object, ...], session: str) -> str:
    """Return the cursor of the page after a session. It is valid only for the same query."""
    return f"{session}-{hashlib.sha256(repr((query, session)).encode()).hexdigest()[:_DIGITS]}"


def _read_cursor(query: tuple[object, ...], cursor: str) -> str:
    """Return the session of a cursor."""
    session = cursor.rpartition("-")[0]
    if _cursor(query, session) != cursor:
        raise typer.BadParameter(_("--after takes the `next` of the page before, with the same options as that page"))
    return session


def tabs_now(admin: AtServer) -> frozenset[str]:
    """Return the open tabs, without those whose order was recalled. An order of a program has another id there."""
    return frozenset(row["tab_id"] for row in admin.ask("open_tabs"))


def _status_words(entry: Row, on_tabs: frozenset[str] | None) -> str:
    """Return the status of an order in words; the JSON has the names of the database."""
    words: str = Status(entry["status"]).in_words
    if entry.get("left_by_crash"):
        words = _("left by a crash")
    if submitted := entry.get("submitted"):
        name, is_pending = submitted_name(**submitted), entry["status"] == Status.PENDING_LOGOUT
        words = f"{name}, {_('to be paid') if is_pending else words}"
    is_saved = entry["status"] == Status.ASSIGNED_TO_TAB and entry["tab"] is not None
    if is_saved and on_tabs is not None and entry["tab"]["id"] not in on_tabs:
        words = _("recalled")
    if entry.get("without_charge"):
        words = f"{words}, {_('without service charge')}"
    return words + (_(", stale") if entry["stale"] else "")


def _texts(entry: Row, on_tabs: frozenset[str] | None) -> Row:
    """Return the status and the tab of an order in words, for the list."""
    words, tab = _status_words(entry, on_tabs), entry["tab"]["name"] if entry["tab"] else ""
    return {"words": words, "tab_name": tab, "words_and_tab": ", ".join(filter(None, (tab, words)))}


def print_sessions(sessions: list[dict[str, Any]], venue: Venue, on_tabs: frozenset[str] | None = None) -> None:
    """Print order sessions as a table, in the time of the venue, and their number.

    Args:
        sessions: the rows.
        venue: the venue whose time and tills are used.
        on_tabs: the result of `tabs_now`; None if the database cannot be reached.
    """
    print_found(ListResult(_SESSIONS, venue, {"sessions": sessions}, {"on_tabs": on_tabs}))


_SESSIONS: Final = AdminList(
    "sessions",
    N_("Orders"),
    N_("List order sessions, newest first."),
    _read,
    (
        Column("created_at", ColumnKind.TIME, N_("Opened")),
        Column("updated_at", ColumnKind.TIME, N_("Active")),
        Column("logout_time", ColumnKind.TIME, N_("Logout")),
        Column("user", ColumnKind.TEXT, N_("Staff"), words={0: ""}),
        Column("till", ColumnKind.TEXT, N_("Till"), words={0: ""}),
        Column("status", ColumnKind.TEXT, N_("Status"), of="words", narrow="words_and_tab"),
        Column("lines", ColumnKind.NUMBER, N_("Lines"), narrow=None),
        Column("total", ColumnKind.MONEY, N_("Total")),
        Column("tab", ColumnKind.TEXT, N_("Tab"), of="tab_name", narrow=None),
        Column("id", ColumnKind.COPIED, N_("Id")),
    ),
    texts=lambda found, entry: _texts(entry, found.beside["on_tabs"]),
    one_line=True,
    count=lambda found: ngettext("{n} order session.", "{n} order sessions.", found.size).format(n=found.size),
)


# The logins.

_LOGIN_WORDS: Final = {
    "ACTIVE": N_("logged in"),
    "RECONNECTING": N_("reconnecting"),
    "INACTIVE": N_("no contact"),
    "EXPIRED": N_("expired"),
}
_QUALITY: Final = {"GOOD": N_("good"), "DEGRADED": N_("slow"), "POOR": N_("very slow")}


def _read_logins(at: AtServer, selects: Any, *, user: int | None, till: int | None, limit: int) -> ListRows:
    from till.reports.logins import read_logins

    return ListRows({"logins": read_logins(selects, at.store_id, user=user, till=till, limit=limit)})


def _login_texts(found: ListResult, row: Row) -> Row:
    seen = f"{found.venue.local(read_time(row['last_active'])):%H:%M:%S}" if row["last_active"] else ""
    is_out = row["status"] == "INACTIVE" and row["ended_at"]
    return {
        "who": " ".join(str(part) for part in (row["user"], row["user_name"]) if part is not None),
        "place": row["till_name"] or row["till"],
        "words": _("logged out") if is_out else _LOGIN_WORDS[row["status"]],
        "connection": _connection(row),
        "seen": seen,
        "machine": row["metadata"].get("pod_name"),
    }


def _connection(row: Row) -> str:
    """Return the quality of a login's connection in words; "lost" if its till is silent."""
    quality = row["connection_quality"]
    if quality is None:
        return ""
    return _QUALITY[quality] if row["status"] == "ACTIVE" else _("lost")


LOGINS: Final = AdminList(
    "logins",
    N_("Logins"),
    N_("List current logins, newest first."),
    _read_logins,
    (
        Column("created_at", ColumnKind.TIME, N_("Since")),
        Column("user", ColumnKind.TEXT, N_("Staff"), of="who"),
        Column("till", ColumnKind.TEXT, N_("Till"), of="place"),
        Column("status", ColumnKind.TEXT, N_("Status"), of="words"),
        *columns(
            ColumnKind.TEXT, connection=N_("Connection"), seen=N_("Last seen"), machine=N_("Machine"), id=N_("Id")
        ),
    ),
    texts=_login_texts,
    count=lambda found: ngettext("{n} login.", "{n} logins.", found.size).format(n=found.size),
    by_owner=True,
)


@app.command("show", epilog=N_("Example: till admin sessions show ID, with an id of `till admin sessions list`"))
def show_session(session: SessionId, *, as_json: AsJson = False) -> None:
    """Show one order session with its events."""
    with management(Surroundings.find()) as admin:
        found = admin.ask("session_show_v1", session)
        if found is None:
            raise NoSessionError
        (found["session"],) = updated_entries(admin, [found["session"]])
        order = order_of(admin, found["session"]["id"])
        found["sums"] = [] if order is None else sums_of(order)
        venue, on_tabs = admin.venue(), tabs_now(admin)
    if as_json:
        print_json(found)
        return
    entry = found["session"]
    print_sessions([entry], venue, on_tabs)
    print_table(
        [_("Item"), _("Quantity"), _("Price"), _("Amount")],
        (
            [i["item"], str(i["quantity"]), *(amount_text(venue, i[of], entry["currency"]) for of in _AMOUNTS)]
            for i in entry["items"]
        ),
        right=(1, 2, 3),
    )
    if found["sums"]:
        print_table(
            [_("Beside the lines"), _("Of"), _("Amount")],
            ([s["name"], s["item"] or "", amount_text(venue, s["amount"], entry["currency"])] for s in found["sums"]),
            right=(2,),
        )
    print_table(
        [_("When"), _("Event"), _("Till"), _("Staff"), _("What")],
        (
            [
                f"{venue.local(read_time(event['at'])):%Y-%m-%d %H:%M:%S}",
                event["type"],
                str(event["till"] or _("server")),
                str(event["user"] or ""),
                _summary(event, venue, entry["currency"]),
            ]
            for event in found["events"]
        ),
        whole=(0,),
    )
    _print_slips(found["events"], {one["refund_id"]: one["receipt"] for one in found["refunds"]})
    if found["refunds"]:
        _print_refunds(found["refunds"], venue, entry["currency"])
    for record in found["quarantined"]:
        note(_("Needs attention: {reason}").format(reason=record["reason"]))


def _print_slips(events: list[dict[str, Any]], refunds: dict[str, str]) -> None:
    """Print the slips of card terminals line by line, with the receipt numbers of refunds. Skip erased slips."""
    for event in events:
        texts = event["texts"] or {}
        if event["type"] != _SLIP or not texts:
            continue
        data = event["data"] or {}
        heading = _("Slip for the guest") if data.get("for_guest") else _("Slip for the till")
        if (refund := data.get("refund_id")) is not None:
            heading = _("{slip}, refund {receipt}").format(slip=heading, receipt=refunds.get(refund, refund))
        say("")
        say(_("{slip}, to be signed:").format(slip=heading) if data.get("to_be_signed") else f"{heading}:")
        for line in lines_of([str(texts.get(name) or "") for name in ("text", "text_2", "text_3")]):
            say(f"  {line}")


def _print_refunds(refunds: list[dict[str, Any]], venue: Venue, currency: str | None) -> None:
    """Print the refunds of an order: state, tender, person and approver."""
    states = {
        "reserved": _("under way"),
        "unknown": _("not known"),
        "approved": _("given"),
        "refused": _("refused"),
        "declined": _("not given"),
    }
    print_table(
        [_("Refund"), _("Of"), "", _("Tender"), _("Amount"), _("Till"), _("Staff"), _("Allowed by")],
        (
            [
                one["receipt"],
                one["sold"],
                states[one["state"]],
                one["tender"],
                amount_text(venue, one["amount"], currency),
                str(one["till"]),
                str(one["user"] or ""),
                str(one["approved_by"]),
            ]
            for one in refunds
        ),
        right=(4,),
    )


def _summary(event: dict[str, Any], venue: Venue, currency: str | None) -> str:
    """Summarize an event in a few words."""
    if event["type"] == _SLIP:
        return ""
    data = event["data"] or {}
    words = [str(data[name]) for name in ("quantity", "by", "item_name", "tender") if name in data]
    words += [amount_text(venue, str(data[name]), currency) for name in ("price", "amount", "total") if data.get(name)]
    if event["type"] in _GIVEN and "user" in data:
        words.append(_("for {user}").format(user=data["user"]))
    return " ".join([*words, *(f"“{text}”" for text in (event["texts"] or {}).values() if text)])
