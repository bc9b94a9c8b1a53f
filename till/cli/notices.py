"""Notices that nobody has seen yet."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer

from till.cli.administration import administration
from till.cli.conflicts import OfTill  # noqa: TC001 - typer reads the annotations
from till.cli.output import note, print_json, print_table
from till.cli.running import make_app
from till.cli.surroundings import Surroundings
from till.domain.events.envelope import read_time
from till.domain.i18n import _, ngettext
from till.domain.notice.words import Words
from till.reports.words import formats_in

app = make_app(_("Notices from the server that nobody has seen yet."))


@app.command("list", epilog=_("Example: till admin notices list --json"))
def list_notices(
    *,
    till: OfTill = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help=_("At most this many."))] = 200,
    as_json: Annotated[bool, typer.Option("--json", help=_("One JSON object."))] = False,
) -> None:
    """List decisions of the server that nobody at a till has seen yet, oldest first."""
    from db.engine import selecting
    from till.reports.notices import read_notices
    from till.reports.staff import read_staff

    with administration(Surroundings.find()) as admin, selecting(admin.connection) as selects:
        venue = admin.venue()
        found = read_notices(selects, admin.store_id, till=till, limit=limit)
        names = {person["number"]: person["name"] for person in read_staff(selects, admin.store_id)}
    words = Words(venue, formats_in(venue.terms.currency.code, venue.locale), lambda number: names.get(number, ""))
    worded = [(one, words.say(one)) for one in found]
    if as_json:
        rows = [{**msgspec.to_builtins(one), "said": text.sentence} for one, text in worded]
        print_json({"notices": rows})
        return
    print_table(
        [_("At"), _("Till"), _("Staff"), _("Notice")],
        (
            [f"{venue.local(read_time(one.at)):%Y-%m-%d %H:%M}", str(one.till), str(one.user or ""), text.sentence]
            for one, text in worded
        ),
    )
    note(ngettext("{n} unseen notice.", "{n} unseen notices.", len(worded)).format(n=len(worded)))
