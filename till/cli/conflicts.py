"""Conflicts about money: list them, settle one."""

from __future__ import annotations

from collections import Counter
from typing import Annotated
from uuid import UUID  # noqa: TC003 - typer reads the annotations

import typer

from till.administration.lists.conflicts import CONFLICTS
from till.cli.lists import print_list
from till.cli.options import AsJson, CsvFile  # noqa: TC001 - typer reads the annotations
from till.cli.output import note
from till.cli.running import make_app
from till.domain.conflict import how_to_settle, kind_in_words
from till.domain.i18n import N_, _, ngettext

app = make_app(N_("Conflicts about money, which only a person can settle."))

OfTill = Annotated[int | None, typer.Option("--till", metavar="T", min=0, help=N_("All of this till; 0: the server."))]
Limit = Annotated[int, typer.Option(min=1, max=1000, metavar="N", help=N_("Rows per page."))]


@app.command("list", help=CONFLICTS.about, epilog=N_("Example: till admin conflicts list --json"))
def list_conflicts(
    *,
    till: OfTill = None,
    every: Annotated[bool, typer.Option("--all", help=N_("Include settled ones."))] = False,
    limit: Limit = 200,
    after: Annotated[
        UUID | None, typer.Option(metavar="CURSOR", help=N_("The `next` value of the previous page."))
    ] = None,
    as_json: AsJson = False,
    csv: CsvFile = None,
) -> None:
    """List conflicts about money."""
    cursor = None if after is None else str(after)
    page = print_list(CONFLICTS, as_json=as_json, csv=csv, till=till, every=every, limit=limit, after=cursor).body
    if as_json:
        return
    waiting = [row for row in page["conflicts"] if row["resolved_at"] is None]
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
