"""`till demo`: a till of the demo venue, with everything that it needs."""

from __future__ import annotations

from typing import Annotated

import typer

from till.cli.running import make_app
from till.domain.i18n import _

app = make_app()


@app.command(
    epilog=_(
        "Example: till demo --till 2, in a second terminal. "
        "Staff 1 and 2 are cashiers (PINs 1111 and 2222), 9 is the manager (9999; password 99999999). "
        "`till admin` asks nobody here: an act is by number 9, or by the number in TILL_STAFF."
    )
)
def demo(
    till: Annotated[int, typer.Option(min=1, max=999, metavar="N", help=_("The number of this till."))] = 1,
    *,
    busy: Annotated[bool, typer.Option("--busy", help=_("Fill the last two weeks with sales first."))] = False,
) -> None:
    """Open a till of the demo venue, Udupi Corner. Run it with `--till 2` in another terminal for a second till."""
    from till.cli.opening import open_demo

    if busy:
        from till.cli.busy import fill_week

        fill_week()
    raise typer.Exit(open_demo(till))
