"""Order sessions: list, show, close, erase their free text."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from till.administration.folded import folded, order_of
from till.cli.administration import management
from till.cli.logins import list_logins
from till.cli.output import amount_text, note, print_json, print_table, say
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.bill import sums_of
from till.domain.errors import TillError
from till.domain.events.envelope import read_time
from till.domain.i18n import _, ngettext
from till.domain.order.state import Status, submitted_name
from till.domain.payment.slips import lines_of

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.domain.venue import Venue


def _read_status(typed: str) -> Status:
    """Read a status: its name in design §3, or the word for it in lists."""
    by_word = {status.in_words: status for status in Status}
    query = " ".join(typed.casefold().split())
    try:
        return by_word.get(query) or Status(query)
    except ValueError as problem:
        known = ", ".join(f"'{name}'" for name in (*Status, *by_word))
        raise typer.BadParameter(_("'{typed}' is not one of {known}.").format(typed=typed, known=known)) from problem


app = make_app(_("Orders, open or ended: each is an order session."))

AsJson = Annotated[bool, typer.Option("--json", help=_("One JSON object."))]
_DIGITS: Final = 16
#: The columns of a terminal on which the whole id has room.
_ROOMY: Final = 100
#: The part of a till's id that is its time, to a quarter of a microsecond: enough to name an order.
_BEGINNING: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}(?=-[0-9a-f]{4}-[0-9a-f]{12}\Z)")
_SLIP: Final = "slip_kept"
_AMOUNTS: Final = ("unit_price", "amount")
SessionId = Annotated[str, typer.Argument(metavar="ID", help=_("The id of an order session, or its beginning."))]


class NoSessionError(TillError):
    """An order session that does not exist."""

    code = "session"
    default = _("There is no such order session. `till admin sessions list` lists them.")


@app.command(
    "list",
    epilog=_("Example: till admin sessions list --status active --status pending_logout --stale 30 --json"),
)
def list_sessions(
    *,
    status: Annotated[
        list[Status] | None,
        typer.Option(parser=_read_status, metavar="S", help=_("Only of this status; may be repeated.")),
    ] = None,
    user: Annotated[int | None, typer.Option(metavar="N", help=_("Only of this staff number."))] = None,
    till: Annotated[int | None, typer.Option(metavar="T", help=_("Only held by this till."))] = None,
    stale: Annotated[
        int | None, typer.Option(min=0, metavar="MINUTES", help=_("Open, with no activity for MINUTES."))
    ] = None,
    archived: Annotated[
        bool, typer.Option("--archived", help=_("List archived orders, which ended long ago, instead."))
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help=_("Rows per page."))] = 50,
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help=_("The `next` value of the previous page."))
    ] = None,
    logins: Annotated[
        bool, typer.Option("--logins", help=_("Logins instead, with the quality of each connection."))
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List order sessions, newest first. Those that ended long ago are in the archive: --archived lists them.

    With --logins, list who is logged in where instead.
    """
    if archived and (till is not None or stale is not None):
        raise typer.BadParameter(_("no archived order is open: pass --archived without --till and --stale"))
    here = Surroundings.find()
    if logins:
        if status or stale is not None or after is not None or archived:
            raise typer.BadParameter(
                _("--logins cannot be combined with --status, --stale, --archived or --after: they are for orders")
            )
        list_logins(here, user=user, till=till, limit=limit, as_json=as_json)
        return
    with management(here) as admin:
        statuses = [str(one) for one in status] if status else None
        query = (admin.store_id, sorted(set(statuses or ())), user, till, stale, archived)
        start_after = _read_cursor(query, after) if after is not None else None
        page = admin.ask(
            "session_list_v1",
            statuses,
            user,
            till,
            stale,
            limit,
            start_after,
            here.config.session.stale_minutes,
            archived,
        )
        page["next"] = _cursor(query, page["next"]) if page["next"] else None
        page["sessions"] = folded(admin, page["sessions"])
        venue, on_tabs = admin.venue(), tabs_now(admin)
    if as_json:
        print_json(page)
        return
    print_sessions(page["sessions"], venue, on_tabs)
    if page["next"]:
        note(_("There are more: --after {cursor}").format(cursor=page["next"]))


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
    """Return the order sessions that hold the lines of an open tab, without those whose tab was recalled."""
    return frozenset(row["session"] for row in admin.ask("open_tabs"))


def _status_words(entry: dict[str, Any], on_tabs: frozenset[str] | None) -> str:
    """Return the status of an order in words; the JSON has the names of design §3."""
    words: str = Status(entry["status"]).in_words
    if submitted := entry.get("submitted"):
        name, is_pending = submitted_name(**submitted), entry["status"] == Status.PENDING_LOGOUT
        words = f"{name}, {_('to be paid') if is_pending else words}"
    if entry["status"] == Status.ASSIGNED_TO_TAB and on_tabs is not None and entry["id"] not in on_tabs:
        words = _("recalled")
    return words + (_(", stale") if entry["stale"] else "")


def print_sessions(sessions: list[dict[str, Any]], venue: Venue, on_tabs: frozenset[str] | None = None) -> None:
    """Print order sessions as a table, in the time of the venue, and their number.

    Args:
        sessions: the rows.
        venue: the venue whose time and tills are used.
        on_tabs: the result of `tabs_now`; None if the database cannot be reached.
    """
    heading = [_("Opened"), _("Staff"), _("Till"), _("Status"), _("Lines"), _("Total"), _("Tab"), _("Id")]
    rows = (
        [
            f"{venue.local(read_time(entry['created_at'])):%Y-%m-%d %H:%M}",
            str(entry["user"] or ""),
            str(entry["till"] or ""),
            _status_words(entry, on_tabs),
            str(entry["lines"]),
            amount_text(venue, entry["total"], entry["currency"]),
            entry["tab"]["name"] if entry["tab"] else "",
            _id_text(entry["id"]),
        ]
        for entry in sessions
    )
    print_table(heading, rows, right=(4, 5), whole=(7,))
    count = len(sessions)
    note(ngettext("{n} order session.", "{n} order sessions.", count).format(n=count))


def _id_text(session: str) -> str:
    """Return the id of an order; on a narrow terminal only the beginning of it, which commands take too."""
    is_narrow = sys.stdout.isatty() and shutil.get_terminal_size().columns < _ROOMY
    beginning = _BEGINNING.match(session) if is_narrow else None
    return beginning[0] if beginning else session


@app.command("show", epilog=_("Example: till admin sessions show ID, with an id of `till admin sessions list`"))
def show_session(session: SessionId, *, as_json: AsJson = False) -> None:
    """Show one order session with its events."""
    with management(Surroundings.find()) as admin:
        found = admin.ask("session_show_v1", session)
        if found is None:
            raise NoSessionError
        (found["session"],) = folded(admin, [found["session"]])
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
                f"{venue.local(read_time(event['at'])):%H:%M:%S}",
                event["type"],
                str(event["till"] or _("server")),
                str(event["user"] or ""),
                _summary(event, venue, entry["currency"]),
            ]
            for event in found["events"]
        ),
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
    return " ".join([*words, *(f"“{text}”" for text in (event["texts"] or {}).values() if text)])
