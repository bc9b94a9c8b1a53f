"""The settings of the venue, which every till shares: list them, set one, list changes by person and time."""

from __future__ import annotations

from typing import Annotated

import typer

from till.administration.lists.settings import SETTINGS_HISTORY
from till.administration.settings import check_key
from till.cli.lists import print_list
from till.cli.options import AsJson, CsvFile  # noqa: TC001 - typer reads the annotations
from till.cli.running import make_app
from till.domain.i18n import N_

app = make_app(N_("The settings of all tills of the venue: name, money, clock, taxes."))


@app.command(
    "history",
    help=SETTINGS_HISTORY.about,
    epilog=N_("Examples: till admin settings history. till admin settings history rounding --json"),
)
def list_changes(
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help=N_("Only this setting."))] = None,
    *,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, max=1000, help=N_("At most this many."))] = 50,
    as_json: AsJson = False,
    csv: CsvFile = None,
) -> None:
    """List changes of settings."""
    if key is not None:
        check_key(key)
    print_list(SETTINGS_HISTORY, as_json=as_json, csv=csv, key=key, limit=limit)
