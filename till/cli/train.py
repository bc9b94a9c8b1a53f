"""`till train`: practise with simulated guests, on a database of its own."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from till.cli.output import note
from till.cli.running import make_app
from till.domain.i18n import N_, _

app = make_app()


@app.command(
    epilog=N_(
        "Example: till train. Log in, choose a drill, and serve the guests who come to the counter. "
        "Nothing is added to the books."
    )
)
def train(
    *,
    till: Annotated[int | None, typer.Option(min=1, max=999, metavar="N", help=N_("The till of this machine."))] = None,
    join: Annotated[
        bool, typer.Option("--join", help=N_("Open a second till for the training that runs here."))
    ] = False,
    day: Annotated[
        str | None,
        typer.Option(
            metavar="D", help=N_("Train on an hour of this till: a date, today or yesterday. Needs a manager.")
        ),
    ] = None,
    first: Annotated[str, typer.Option("--from", metavar="HH:MM", help=N_("The beginning of the hour."))] = "",
    last: Annotated[str, typer.Option("--to", metavar="HH:MM", help=N_("Its end."))] = "",
    guests: Annotated[int | None, typer.Option(min=1, max=1000, metavar="N", help=N_("Guests in each drill."))] = None,
    cash: Annotated[str, typer.Option(metavar="AMOUNT", help=N_("The float in the drawer."))] = "1000",
    pace: Annotated[
        float, typer.Option(min=0.1, max=100, metavar="N", help=N_("Guests arrive N times as fast."))
    ] = 1.0,
    seed: Annotated[int | None, typer.Option(metavar="N", help=N_("Repeat the same guests."))] = None,
) -> None:
    """Train on this venue's menu: simulated guests come to the counter, and you get a score."""
    from till.cli.opening import open_joined, open_training

    read_hour = None
    if day or first or last:
        from till.cli.training_hour import read_asked_hour

        if guests:
            raise typer.BadParameter(_("The guests are those of the hour."), param_hint="--guests")
        read_hour = partial(read_asked_hour, day, first, last)

    if join:
        raise typer.Exit(open_joined())
    code = open_training(till, guests=guests, cash=cash, pace=pace, seed=seed, tell=note, read_hour=read_hour)
    raise typer.Exit(code)
