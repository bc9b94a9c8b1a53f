"""Notices that nobody has seen yet."""

from __future__ import annotations

from typing import Annotated

import typer

from till.administration.lists.notices import NOTICES
from till.cli.conflicts import OfTill  # noqa: TC001 - typer reads the annotations
from till.cli.lists import print_list
from till.cli.options import AsJson, CsvFile  # noqa: TC001 - typer reads the annotations
from till.cli.running import make_app
from till.domain.i18n import N_

app = make_app(N_("Notices from the server that nobody has seen yet."))


@app.command("list", help=NOTICES.about, epilog=N_("Example: till admin notices list --json"))
def list_notices(
    *,
    till: OfTill = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help=N_("At most this many."))] = 200,
    as_json: AsJson = False,
    csv: CsvFile = None,
) -> None:
    """List unseen notices."""
    print_list(NOTICES, as_json=as_json, csv=csv, till=till, limit=limit)
