"""`till display`: the display of guests, in a second terminal on the till's machine."""

from __future__ import annotations

from typing import Annotated

import typer

from till.cli.environment import Surroundings
from till.cli.opening import has_terminal
from till.cli.refusals import EXIT_DONE, refuse
from till.cli.running import make_app
from till.domain.i18n import N_, _

app = make_app()


@app.command(
    epilog=N_(
        "Example: till display --till 2, in a terminal that the guests of till 2 see. It follows that till by a "
        "socket in the data folder, needs no server, and can do nothing. Ctrl+Q closes it."
    )
)
def display(
    till: Annotated[
        int | None, typer.Option(min=1, max=999, metavar="N", help=N_("The till; by default that of the config."))
    ] = None,
) -> None:
    """Show guests the order of a till of this machine: its lines, the total, what was paid, and the change."""
    here = Surroundings.find()
    if not has_terminal():
        raise typer.Exit(refuse(_("The display needs a terminal to draw on.")))
    from till.wiring.guest_display import open_guest_display

    code = open_guest_display(here.config, here.folders, till or here.config.till.id)
    if code != EXIT_DONE:
        raise typer.Exit(code)
