"""Records that the database keeps but could not apply: list, show, try again, book, settle."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import typer

from till.administration.acts.waiting import RetryRecord
from till.administration.listing import ListResult
from till.administration.lists.accounts import PAY_OFFS
from till.administration.lists.quarantine import QUARANTINE
from till.cli.administration import Administration, administration, management
from till.cli.conflicts import Limit, OfTill, print_more
from till.cli.environment import Surroundings
from till.cli.lists import print_found, print_list
from till.cli.options import AsJson, CsvFile  # noqa: TC001 - typer reads the annotations
from till.cli.output import note, print_json, say
from till.cli.running import make_app
from till.domain.errors import TillError
from till.domain.i18n import N_, _, ngettext

app = make_app(N_("Records that the database could not apply."))

#: The hint for a sale that a retry cannot apply, such as one of an order that its till never held.
_BOOK = N_(
    "If the guest paid, `till admin quarantine book ID` books a sale (order_placed); then `resolve` settles the other "
    "records of its order."
)

#: The hint for any other.
_BY_HAND = N_("`till admin quarantine resolve ID --how …` settles one by hand.")

Which = Annotated[int, typer.Argument(metavar="ID", min=1, help=N_("The number of a record."))]


class StillWaitsError(TillError):
    """A record that still cannot be applied."""

    code = "still_waits"
    default = _BY_HAND


class NoRecordError(TillError):
    """A record that is not in quarantine."""

    code = "no_record"
    default = N_("There is no such record. `till admin quarantine --all` lists them.")


@app.command("list", help=QUARANTINE.about, epilog=N_("Example: till admin quarantine list --json"))
def list_records(
    *,
    till: OfTill = None,
    every: Annotated[bool, typer.Option("--all", help=N_("Include settled ones."))] = False,
    limit: Limit = 200,
    after: Annotated[
        int | None, typer.Option(metavar="CURSOR", help=N_("The `next` value of the previous page."))
    ] = None,
    as_json: AsJson = False,
    csv: CsvFile = None,
) -> None:
    """List records that the database could not apply."""
    page = print_list(QUARANTINE, as_json=as_json, csv=csv, till=till, every=every, limit=limit, after=after).body
    if as_json:
        return
    waiting = [row for row in page["quarantine"] if row["resolved_at"] is None]
    if any(row["bookable"] for row in waiting):
        note(_BOOK)
    listed = Counter(row["till"] for row in waiting)
    print_more("quarantine", {row["till"]: row["records"] for row in page["waiting"]}, listed, page["next"])


@app.command(epilog=N_("Example: till admin quarantine show 3"))
def show(record: Which, *, as_json: AsJson = False) -> None:
    """Show a record: its origin, why it waits, and its content as received."""
    with management(Surroundings.find()) as admin:
        found: dict[str, Any] | None = admin.ask("quarantine_show_v1", record)
        venue = admin.venue()
    if found is None:
        raise NoRecordError
    if as_json:
        print_json({"record": found})
        return
    pay_offs = found.pop("pay_offs", [])
    for name, value in found.items():
        say(f"{name:12} {'' if value is None else value}")
    if pay_offs:
        print_found(ListResult(PAY_OFFS, venue, {"pay_offs": pay_offs}, {}))


@app.command(epilog=N_("Example: till admin quarantine retry --all, after an upgrade of the database."))
def retry(
    record: Annotated[int | None, typer.Argument(metavar="ID", min=1, help=N_("The number of a record."))] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help=N_("Retry all waiting records."))] = False,
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
    found: list[int] = []
    for one in admin.ask("quarantine_list_v1", None, None, 1)["waiting"]:
        page = admin.ask("quarantine_list_v1", one["till"])
        found += [row["id"] for row in page["quarantine"]]
        while page["next"] is not None:
            page = admin.ask("quarantine_list_v1", one["till"], page["next"])
            found += [row["id"] for row in page["quarantine"]]
    return found
