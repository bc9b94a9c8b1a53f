"""`till recover`: find what a crash left in this machine's journals and in the database, and settle it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from db.errors import DatabaseError
from till.administration.acts.orders import Discard, GiveTo, Resume, Suspend
from till.administration.folded import updated_entries, with_more
from till.cli.administration import management
from till.cli.authority import AsOwner, act_as_owner
from till.cli.connections import OtherVersionError
from till.cli.environment import Surroundings
from till.cli.findings import WaitingMatters, print_findings
from till.cli.journals import recover_journals
from till.cli.options import AsJson  # noqa: TC001 - typer reads the annotations
from till.cli.output import note
from till.cli.refusals import EXIT_REFUSED
from till.cli.running import make_app
from till.domain.errors import TillError
from till.domain.i18n import N_, _

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.reports.quarantine import QuarantinedRecord
    from till.wiring.recover import JournalFound

app = make_app()

#: The statuses of orders that a crash can leave open.
_OPEN = ["active", "pending_logout"]
#: The status of an order that was saved to a table or a tab: open too, and listed by every till.
_SAVED: Final = "assigned_to_tab"
#: Answers to an act that would change nothing, by the act and the status of the order.
_DONE_ALREADY: Final = {
    ("resume", "active"): N_("That order is already open, nothing was changed: its user finds it at the next login."),
    ("park", "pending_logout"): N_("That order is already suspended, nothing was changed: --resume makes it active."),
}
_PAGE = 1000


class RecoverError(TillError):
    """An order that cannot be recovered, or was not named."""

    code = "recover"
    default = N_("Name one order: `till recover --list` shows them, `--session ID` selects one.")


@dataclass(frozen=True, slots=True)
class OrderSelection:
    """The orders that the options select; None for all."""

    user: int | None
    till: int | None
    session: str | None

    def fits(self, row: dict[str, Any]) -> bool:
        """Return True if an order is selected; its id may begin with the given one."""
        return (
            (self.user is None or row["user"] == self.user)
            and (self.till is None or row["till"] == self.till)
            and (self.session is None or row["id"].startswith(self.session))
        )


@app.command(epilog=N_('Example: till recover --list; then till recover --session ID --discard --reason "guest left".'))
def recover(
    *,
    list_only: Annotated[bool, typer.Option("--list", help=N_("Only list open orders."))] = False,
    user: Annotated[int | None, typer.Option(metavar="N", help=N_("Only orders of this staff number."))] = None,
    till: Annotated[int | None, typer.Option(metavar="T", min=1, help=N_("Only orders of this till."))] = None,
    session: Annotated[
        str | None, typer.Option(metavar="ID", help=N_("Only this order, by its id or the beginning of it."))
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help=N_("Make it active again for its user."))] = False,
    park: Annotated[bool, typer.Option("--park", help=N_("Suspend it until its user's next login."))] = False,
    discard: Annotated[bool, typer.Option("--discard", help=N_("Clear it, with --reason."))] = False,
    reason: Annotated[str | None, typer.Option(metavar="R", help=N_("Why it is cleared."))] = None,
    give_to: Annotated[int | None, typer.Option(metavar="N", help=N_("Give it to this staff number."))] = None,
    as_owner: AsOwner = False,
    as_json: AsJson = False,
) -> None:
    """Find open orders, also those suspended or left by a crash; send unsent records; settle an order."""
    act_as_owner(as_owner)
    acts = [name for name, is_given in (("resume", resume), ("park", park), ("discard", discard)) if is_given]
    acts += ["give_to"] if give_to is not None else []
    if len(acts) > 1 or (list_only and acts):
        raise typer.BadParameter(_("pass one of --list, --resume, --park, --discard and --give-to"))
    if discard and not (reason or "").strip():
        raise typer.BadParameter(_("--discard needs --reason"))
    here = Surroundings.find()
    admin: AtServer | None = None
    is_away = False
    with ExitStack() as stack:
        try:
            admin = stack.enter_context(management(here))
        except (DatabaseError, OtherVersionError) as problem:  # a till of this version could still send
            note(problem.sentence)
            is_away = isinstance(problem, DatabaseError)
        journals = recover_journals(here, admin, only_list=list_only, is_away=is_away)
        attention = WaitingMatters() if admin is None else _read_needs_attention(admin)
        wanted = OrderSelection(user, till, session)
        merged = _merge(admin, journals, wanted, here.config.session.stale_minutes, attention.records)
        rows = [row for row in merged if row["status"] != _SAVED or "quarantine" in row["found_in"]]
        if acts:
            rows = [_settle(admin, rows, acts[0], reason or "", give_to)]
        print_findings(
            admin, rows, journals, attention, settled=bool(acts), saved=len(merged) - len(rows), as_json=as_json
        )
        is_stuck = not (list_only or acts) and any(journal.unsent for journal in journals)
        if admin is None or is_stuck or not all(journal.is_readable for journal in journals):
            raise typer.Exit(EXIT_REFUSED)


def _read_needs_attention(admin: AtServer) -> WaitingMatters:
    from till.reports.unanswered import read_unanswered

    records, conflicts = admin.ask("quarantine_list_v1"), admin.ask("conflict_list_v1")
    unanswered = read_unanswered(admin.ask, timedelta())
    return WaitingMatters(records["quarantine"], conflicts["conflicts"], records["waiting"], unanswered)


def _merge(
    admin: AtServer | None,
    journals: list[JournalFound],
    wanted: OrderSelection,
    stale: int,
    waiting: list[QuarantinedRecord],
) -> list[dict[str, Any]]:
    """Merge the open orders of the database and of the journals, newest first.

    `found_in` names the places of each. One that a crash left has `left_by_crash`.
    """
    found: dict[str, dict[str, Any]] = {}
    if admin is not None:
        page = admin.ask("session_list_v1", [*_OPEN, _SAVED], wanted.user, wanted.till, None, _PAGE, None, stale)
        found = {row["id"]: {**row, "found_in": ["database"]} for row in updated_entries(admin, page["sessions"])}
    for journal in journals:
        _add_journal(admin, found, journal)
    found = {one: row for one, row in found.items() if row["status"] in {*_OPEN, _SAVED}}
    if admin is not None:
        _add_quarantined(admin, found, waiting)
    rows = [row for row in found.values() if wanted.fits(row)]
    rows = [row for row in rows if row["id"] == wanted.session] or rows
    return sorted(rows, key=lambda row: row["id"], reverse=True)


def _add_journal(admin: AtServer | None, found: dict[str, dict[str, Any]], journal: JournalFound) -> None:
    """Add the orders of a journal. An order that the database has too gets the events that only the journal has."""
    rows = {row["id"]: row for row in journal.sessions}
    for stream in dict.fromkeys([*rows, *journal.behind]):
        session_id = stream
        if admin is not None and stream not in found and (details := admin.ask("session_show_v1", stream)):
            session_id = details["session"]["id"]  # the order of a program has its own name there
            if session_id not in found:
                (row,) = updated_entries(admin, [details["session"]])
                found[session_id] = {**row, "found_in": ["database"]}
        if admin is not None and session_id in found and stream in journal.behind:
            found[session_id] = with_more(admin, found[session_id], journal.behind[stream])
        elif stream in rows:
            found.setdefault(session_id, {**rows[stream], "found_in": []})
        if session_id in found:
            found[session_id]["found_in"].append(f"journal of till {journal.till}")
        if session_id in found and stream in journal.crashed and found[session_id]["status"] == "active":
            found[session_id]["left_by_crash"] = True


def _add_quarantined(admin: AtServer, found: dict[str, dict[str, Any]], waiting: list[QuarantinedRecord]) -> None:
    """Add the orders with a quarantined record, in any state."""
    for session_id in dict.fromkeys(record["session"] for record in waiting if record["session"]):
        if session_id not in found and (details := admin.ask("session_show_v1", session_id)):
            found[session_id] = {**details["session"], "found_in": []}
        if session_id in found:
            found[session_id]["found_in"].append("quarantine")


def _settle(
    admin: AtServer | None, rows: list[dict[str, Any]], what: str, reason: str, give_to: int | None
) -> dict[str, Any]:
    """Settle the one selected order, and return it.

    Raises:
        RecoverError: not exactly one open order is selected, there is nothing to do, or there is no database.
    """
    if admin is None:
        raise RecoverError(_("The database does not answer: log in on the till, its orders are there."))
    rows = [row for row in rows if row["status"] in _OPEN]
    if len(rows) != 1:
        raise RecoverError(_("No open order matches.") if not rows else None)
    row = rows[0]
    if nothing_to_do := _DONE_ALREADY.get((what, row["status"])):
        raise RecoverError(nothing_to_do)
    if what == "discard":
        Discard(row["id"], None, reason).do(admin)
    elif give_to is not None:
        GiveTo(row["id"], row["version"], give_to).do(admin)
    else:
        {"resume": Resume, "park": Suspend}[what](row["id"], row["version"]).do(admin)
    (after,) = updated_entries(admin, [admin.ask("session_show_v1", row["id"])["session"]])
    return {**after, "found_in": row["found_in"]}
