"""Two weeks of simulated sales in the demo venue, for the desk and the reports."""

from __future__ import annotations

import asyncio

from till.cli.demo_venue import demo_reference, hold_demo
from till.cli.output import note
from till.cli.progress import progress_bar
from till.cli.surroundings import Surroundings
from till.cli.venues import prepare_demo
from till.domain.i18n import _
from till.wiring.busy import BUSY_TILL, ring_week

#: A fixed seed: the sales are the same on every machine, apart from their dates.
_SEED = 2026


def fill_week() -> None:
    """Ring sales of the last two weeks in the demo venue, once, on a till of their own.

    Raises:
        ConfigError: the data folder holds another venue.
        StoreError: the database refuses the sales.
    """
    here = Surroundings.find()
    held = hold_demo(here)
    here.folders.make()
    database = prepare_demo(here, BUSY_TILL, note)
    try:
        with progress_bar(_("Ringing two weeks")) as progress:
            journal = here.folders.journal(BUSY_TILL, "week")
            count = asyncio.run(
                ring_week(journal, held, demo_reference(), database.renew, seed=_SEED, progress=progress)
            )
    finally:
        database.release()
    if count:
        note(_("{count} sales of the last two weeks are in the books.").format(count=count))
