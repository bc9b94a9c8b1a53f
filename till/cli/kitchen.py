"""`till kitchen`: the board of the kitchen's tickets."""

from __future__ import annotations

from typing import Annotated

import typer

from till.cli.running import make_app
from till.domain.i18n import N_

app = make_app()


@app.command(
    epilog=N_(
        "Example: till kitchen Grill. First, where the manager is: till admin stations add Grill --category Food "
        "--screen, and till admin tills add 90 --kitchen; then till enrol on the kitchen's machine."
    )
)
def kitchen(
    stations: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STATION]…", help=N_("The stations to show; else all of its enrolment.")),
    ] = None,
    *,
    till: Annotated[
        int | None, typer.Option("--till", min=1, max=999, metavar="N", help=N_("The number of the screen."))
    ] = None,
) -> None:
    """Show the tickets of the kitchen, on a machine that is enrolled as a screen of it. Nobody logs in there."""
    from till.cli.opening import open_board

    raise typer.Exit(open_board(tuple(stations or ()), till))
