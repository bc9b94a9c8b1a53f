"""Conflicts about money: list, settle."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID  # noqa: TC003 - typer reads the annotations

import typer

from till.administration.acts import settle_conflict
from till.cli.administration import administration
from till.cli.output import amount_text, note, print_json, print_table, say
from till.cli.surroundings import Surroundings
from till.domain.events.envelope import read_time
from till.domain.i18n import _, ngettext
from till.domain.merge.settlement import how_to_settle, kind_in_words


def list_conflicts(
    *,
    every: Annotated[bool, typer.Option("--all", help=_("Those that are settled too."))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False,
) -> None:
    """List what about money only a person can settle, newest first."""
    from db.engine import selecting
    from till.reports.conflicts import read_conflicts

    with administration(Surroundings.find()) as admin, selecting(admin.connection) as selects:
        rows = read_conflicts(selects, admin.store_id, every=every)
        venue = admin.venue()
    if as_json:
        print_json({"conflicts": rows})
        return
    print_table(
        [_("Found"), _("Till"), _("Staff"), _("What"), _("Amount"), _("Receipts"), _("Settled"), _("Id")],
        (
            [
                f"{venue.local(read_time(row['found_at'])):%Y-%m-%d %H:%M}",
                str(row["till"] or _("server")),
                str(row["user"] or ""),
                kind_in_words(row["kind"]),
                f"{amount_text(venue, row['amount'], row['currency'])} {row['currency']}",
                ", ".join(row["receipts"]),
                row["how"] or "",
                row["conflict"],
            ]
            for row in rows
        ),
        right=(4,),
    )
    waiting = [row["kind"] for row in rows if row["resolved_at"] is None]
    note(ngettext("{n} waits to be settled.", "{n} wait to be settled.", len(waiting)).format(n=len(waiting)))
    for kind in dict.fromkeys(filter(how_to_settle, waiting)):
        note(f"{kind_in_words(kind)}: {how_to_settle(kind)}")


def resolve(
    conflict: Annotated[UUID, typer.Argument(metavar="ID", help=_("The id of a conflict."))],
    *,
    how: Annotated[str, typer.Option(metavar="TEXT", help=_("How it was settled; it is kept with the conflict."))],
) -> None:
    """Settle a conflict about money. Nothing is paid back by this: it says what a person did."""
    with administration(Surroundings.find()) as admin:
        settle_conflict(admin, str(conflict), how)
    say(_("The conflict is settled."))
