"""Conflicts about money: list them, settle one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated
from uuid import UUID  # noqa: TC003 - typer reads the annotations

import typer

from till.cli.administration import management
from till.cli.output import amount_text, note, print_json, print_table
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.conflict import how_to_settle, kind_in_words
from till.domain.events.envelope import read_time
from till.domain.i18n import _, ngettext

if TYPE_CHECKING:
    from till.reports.conflicts import ConflictPage

app = make_app(_("Conflicts about money, which only a person can settle."))

OfTill = Annotated[int | None, typer.Option("--till", metavar="T", min=0, help=_("All of this till; 0: the server."))]
Limit = Annotated[int, typer.Option(min=1, max=1000, metavar="N", help=_("Rows per page."))]


@app.command("list", epilog=_("Example: till admin conflicts list --json"))
def list_conflicts(
    *,
    till: OfTill = None,
    every: Annotated[bool, typer.Option("--all", help=_("Include settled ones."))] = False,
    limit: Limit = 200,
    after: Annotated[
        UUID | None, typer.Option(metavar="CURSOR", help=_("The `next` value of the previous page."))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False,
) -> None:
    """List conflicts about money by till, newest first.

    Without --till, list some of each till and count the rest.
    """
    with management(Surroundings.find()) as admin:
        page: ConflictPage = admin.ask("conflict_list_v1", till, after, limit, every)
        venue = admin.venue()
    if as_json:
        print_json({**page})
        return
    rows = page["conflicts"]
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
    waiting = [row for row in rows if row["resolved_at"] is None]
    count = sum(row["conflicts"] for row in page["waiting"])
    note(ngettext("{n} waits to be settled.", "{n} wait to be settled.", count).format(n=count))
    for kind in dict.fromkeys(row["kind"] for row in waiting if how_to_settle(row["kind"])):
        note(f"{kind_in_words(kind)}: {how_to_settle(kind)}")
    print_more(
        "conflicts",
        {row["till"]: row["conflicts"] for row in page["waiting"]},
        Counter(row["till_id"] for row in waiting),
        page["next"],
    )


def print_more(command: str, counts: dict[int, int], listed: Counter[int], following: object) -> None:
    """Print how much more waits than was listed, and how to see it or settle all of it.

    Args:
        command: the command that lists them.
        counts: the number that wait, by till.
        listed: the number of these that were listed.
        following: the cursor of the next page; None for none.
    """
    if following is not None:
        note(_("More: --after {cursor}").format(cursor=following))
    for till, count in counts.items():
        if (more := count - listed[till]) > 0 and following is None:
            waiting = ngettext("{n} more of till {till} waits", "{n} more of till {till} wait", more)
            sentence = _("{waiting}: `till admin {command} --till {till}`, or `till admin tills settle {till}`.")
            note(sentence.format(waiting=waiting.format(n=more, till=till), command=command, till=till))
