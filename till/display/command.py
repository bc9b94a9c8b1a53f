"""`till display`: the display of guests, in a second terminal on the till's machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from till.cli.environment import Surroundings
from till.cli.opening import has_terminal
from till.cli.refusals import EXIT_DONE, refuse
from till.cli.running import make_app
from till.config import held_venue
from till.domain.i18n import ENGLISH, N_, _

if TYPE_CHECKING:
    from till.config import Folders

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
    from till.display.showing import open_guest_display

    code = open_guest_display(here.config, here.folders, till or here.config.till.id, _language_here(here.folders))
    if code != EXIT_DONE:
        raise typer.Exit(code)


def _language_here(folders: Folders) -> str:
    """Return the language of the venue, as the journals of this machine know it; English before they know one."""
    from till.wiring.known import look_at_venue

    held = held_venue(folders)
    known = look_at_venue(folders, held.store_id).settings if held is not None else {}
    return next(iter(known.get("languages", ())), ENGLISH)
