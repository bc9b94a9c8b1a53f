"""`till demo`: a till of the demo venue, with everything that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from till.cli.running import make_app
from till.domain.words import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.cli.grounds import Ground
    from till.cli.surroundings import Surroundings

app = make_app()


@app.command(epilog=_("Staff 1 and 2 are cashiers (PINs 1111 and 2222), 9 is the manager (9999)."))
def demo(
    till: Annotated[int, typer.Option(min=1, max=999, metavar="N", help=_("The number of this till."))] = 1,
) -> None:
    """Open a till of the demo venue, Udupi Corner. A second terminal with `--till 2` is a second till of it."""
    from till.cli.demo_venue import demo_reference, hold_demo
    from till.cli.opening import open_screen
    from till.cli.surroundings import Surroundings

    here = Surroundings.find()
    venue = hold_demo(here)
    raise typer.Exit(open_screen(here, venue, till, lambda tell: _prepare(here, till, tell), demo_reference))


def _prepare(here: Surroundings, till: int, tell: Callable[[str], None]) -> Ground:
    """Runs behind the first paint: this is where psycopg is loaded, and SQLAlchemy when there are tables to make."""
    from till.cli.venues import prepare_demo

    return prepare_demo(here, till, tell)
