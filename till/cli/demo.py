"""`till demo`: a till of the demo venue, with everything that it needs."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import typer

from till.cli.running import make_app
from till.domain.i18n import N_, _

app = make_app()


class DemoMenu(StrEnum):
    """The menus of the demo venues."""

    UDUPI = "udupi"
    CAFE = "cafe"


#: A fixed seed: the sales are the same on every machine, apart from their dates.
_SEED: Final = 2026


@app.command(
    epilog=N_(
        "Example: till demo --till 2, in a second terminal; till demo --menu cafe, for flat whites. "
        "Staff 1 and 2 are cashiers (PINs 1111 and 2222), 9 is the manager (9999; password 99999999). "
        "`till admin` asks nobody here: an act is by number 9, or by the number in TILL_STAFF."
    )
)
def demo(
    till: Annotated[int, typer.Option(min=1, max=999, metavar="N", help=N_("The number of this till."))] = 1,
    *,
    menu: Annotated[
        DemoMenu, typer.Option(help=N_("South Indian breakfasts, or a café in the folder `cafe` of the data folder."))
    ] = (DemoMenu.UDUPI),
    busy: Annotated[bool, typer.Option("--busy", help=N_("Fill the last two weeks with sales first."))] = False,
) -> None:
    """Open a till of a demo venue. Run it with `--till 2` in another terminal for a second till."""
    from till.cli.opening import open_demo

    at_cafe = menu is DemoMenu.CAFE
    if busy:
        _fill_two_weeks(at_cafe=at_cafe)
    raise typer.Exit(open_demo(till, at_cafe=at_cafe))


def _fill_two_weeks(*, at_cafe: bool) -> None:
    """Ring simulated sales of the last two weeks in the demo venue, once, on a till of their own."""
    import asyncio

    from till.cli.demo_venue import CAFE, DEMO, cafe_surroundings, demo_reference, hold_demo
    from till.cli.environment import Surroundings
    from till.cli.output import note
    from till.cli.progress import progress_bar
    from till.cli.venues import prepare_demo
    from till.wiring.busy import BUSY_TILL, ring_week

    here = Surroundings.find()
    here = cafe_surroundings(here) if at_cafe else here
    held = hold_demo(here, CAFE if at_cafe else DEMO)
    here.folders.make()
    database = prepare_demo(here, BUSY_TILL, note)
    try:
        with progress_bar(_("Ringing two weeks")) as progress:
            journal = here.folders.journal(BUSY_TILL, "week")
            week = ring_week(journal, held, demo_reference(held), database.renew, seed=_SEED, progress=progress)
            count = asyncio.run(week)
    finally:
        database.release()
    if count:
        note(_("{count} sales of the last two weeks are in the books.").format(count=count))
