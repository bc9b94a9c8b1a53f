"""Records that the database keeps but could not apply: list, show, try again, book, settle."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from till.administration.acts.waiting import RetryRecord
from till.cli.administration import Administration, administration, management
from till.cli.conflicts import Limit, OfTill, print_more
from till.cli.output import amount_text, note, print_json, print_table, say
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.errors import TillError
from till.domain.events.envelope import read_time
from till.domain.i18n import _, ngettext

if TYPE_CHECKING:
    from till.domain.venue import Venue
    from till.reports.quarantine import RecordPage

app = make_app(_("Records that the database could not apply."))

#: The hint for a sale that a retry cannot apply, such as one of an order that its till never held.
_BOOK = _(
    "If the guest paid, `till admin quarantine book ID` books a sale (order_placed); then `resolve` settles the other "
    "records of its order."
)

#: The hint for any other.
_BY_HAND = _("`till admin quarantine resolve ID --how …` settles one by hand.")

AsJson = Annotated[bool, typer.Option("--json", help=_("One JSON object."))]
Which = Annotated[int, typer.Argument(metavar="ID", min=1, help=_("The number of a record."))]


class StillWaitsError(TillError):
    """A record that still cannot be applied."""

    code = "still_waits"
    default = _BY_HAND


class NoRecordError(TillError):
    """A record that is not in quarantine."""

    code = "no_record"
    default = _("There is no such record. `till admin quarantine --all` lists them.")


@app.command("list", epilog=_("Example: till admin quarantine list --json"))
def list_records(
    *,
    till: OfTill = None,
    every: Annotated[bool, typer.Option("--all", help=_("Include settled ones."))] = False,
    limit: Limit = 200,
    after: Annotated[
        int | None, typer.Option(metavar="CURSOR", help=_("The `next` value of the previous page."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List records that the database could not apply, by till, oldest first.

    Without --till, list some of each till and count the rest.
    """
    with management(Surroundings.find()) as admin:
        page: RecordPage = admin.ask("quarantine_list_v1", till, after, limit, every)
        venue = admin.venue()
    if as_json:
        print_json({**page})
    else:
        _print(page, venue)


def _print(page: RecordPage, venue: Venue) -> None:
    rows = page["quarantine"]
    print_table(
        [_("Id"), _("Came"), _("Till"), _("Event"), _("Amount"), _("Why"), _("Settled"), _("Order")],
        (
            [
                str(row["id"]),
                f"{venue.local(read_time(row['received_at'])):%Y-%m-%d %H:%M}",
                str(row["till"] or _("server")),
                row["type"] or "",
                f"{amount_text(venue, row['amount'], row['currency'])} {row['currency']}" if row["amount"] else "",
                row["reason"],
                row["how"] or "",
                row["session"] or "",
            ]
            for row in rows
        ),
        right=(0, 4),
    )
    count = sum(row["records"] for row in page["waiting"])
    note(ngettext("{n} record needs attention.", "{n} records need attention.", count).format(n=count))
    waiting = [row for row in rows if row["resolved_at"] is None]
    if any(row["bookable"] for row in waiting):
        note(_BOOK)
    listed = Counter(row["till"] for row in waiting)
    print_more("quarantine", {row["till"]: row["records"] for row in page["waiting"]}, listed, page["next"])


@app.command(epilog=_("Example: till admin quarantine show 3"))
def show(record: Which, *, as_json: AsJson = False) -> None:
    """Show a record: its origin, why it waits, and its content as received."""
    with management(Surroundings.find()) as admin:
        found: dict[str, Any] | None = admin.ask("quarantine_show_v1", record)
    if found is None:
        raise NoRecordError
    if as_json:
        print_json({"record": found})
        return
    for name, value in found.items():
        say(f"{name:12} {'' if value is None else value}")


@app.command(epilog=_("Example: till admin quarantine retry --all, after an upgrade of the database."))
def retry(
    record: Annotated[int | None, typer.Argument(metavar="ID", min=1, help=_("The number of a record."))] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help=_("Retry all waiting records."))] = False,
    as_json: AsJson = False,
) -> None:
    """Retry waiting records, and apply those that now fit. Exit 1 if one still waits."""
    if (record is None) != every:
        raise typer.BadParameter(_("pass the ID of a record, or --all"))
    with administration(Surroundings.find()) as admin:
        rows = _retry(admin, record)
    if as_json:
        print_json({"quarantine": rows})
    waiting = [row for row in rows if not row["applied"]]
    if not as_json:
        for row in waiting:
            note(_("Record {id} still waits: {reason}").format(id=row["id"], reason=row["reason"]))
        done = len(rows) - len(waiting)
        say(ngettext("{n} record was applied.", "{n} records were applied.", done).format(n=done))
    if waiting:
        still = ngettext("{n} record still waits.", "{n} records still wait.", len(waiting)).format(n=len(waiting))
        hints = {row["bookable"]: _BOOK if row["bookable"] else _BY_HAND for row in waiting}
        raise StillWaitsError(" ".join([still, *hints.values()]))


def _retry(admin: Administration, record: int | None) -> list[dict[str, Any]]:
    return [RetryRecord(one).do(admin) for one in ([record] if record else _waiting(admin))]


def _waiting(admin: Administration) -> list[int]:
    from db.engine import selecting
    from till.reports.quarantine import read_quarantine

    found: list[int] = []
    with selecting(admin.connection) as selects:
        for one in read_quarantine(selects, admin.store_id, limit=1)["waiting"]:
            page = read_quarantine(selects, admin.store_id, till=one["till"])
            found += [row["id"] for row in page["quarantine"]]
            while page["next"] is not None:
                page = read_quarantine(selects, admin.store_id, till=one["till"], after=page["next"])
                found += [row["id"] for row in page["quarantine"]]
    return found
