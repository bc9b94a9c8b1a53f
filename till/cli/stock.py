"""Commands on what is on the shelf; the acts and lists of the subject have theirs by declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from till.administration.acts.stock import KeepStock
from till.administration.stock import StockFileError, read_deliveries, read_kept
from till.cli.administration import management
from till.cli.environment import Surroundings
from till.cli.output import note, read_file, say
from till.cli.refusals import refuse
from till.cli.running import make_app
from till.domain.i18n import N_, ngettext

if TYPE_CHECKING:
    from collections.abc import Callable

Read = TypeVar("Read")
File = Annotated[str, typer.Argument(metavar="FILE", help=N_("A CSV file; - is standard input."))]

app = make_app(N_("What is on the shelf: counts, deliveries, waste, and what to order."))


@app.command("items", epilog=N_("Example: till admin stock items stock.csv"))
def set_items(file: File) -> None:
    """Set the list of what the venue keeps on its shelves, with the columns item, place, unit, cost and least.

    An item is one of the menu, or a part that nobody sells. Two places of an item stand in one row: Bar; Cellar.
    If the file has faults, each is listed with its line, and nothing changes.
    """
    with management(Surroundings.find()) as admin:
        menu: dict[str, Any] = admin.ask("menu_export_v1") or {}
        rows = _read(file, lambda data: read_kept(data, menu, str(admin.store_id)))
        KeepStock(rows).do(admin)
    say(ngettext("{n} item is kept on the shelf.", "{n} items are kept on the shelf.", len(rows)).format(n=len(rows)))


@app.command("deliveries", epilog=N_("Example: till admin stock deliveries monday.csv"))
def add_deliveries(file: File) -> None:
    """Add what was delivered, with the columns item and amount: all rows of the file, or none."""
    with management(Surroundings.find()) as admin:
        kept, menu = admin.ask("stock_v1", None), admin.ask("menu_export_v1") or {}
        rows = _read(file, lambda data: read_deliveries(data, kept, menu))
        came = [{"item_id": item["item_id"], "amount": amount, "kind": "delivered"} for item, amount in rows]
        admin.act("stock_do_v1", "stock_moved", {"acts": came})
    say(ngettext("{n} delivery is on the shelf.", "{n} deliveries are on the shelf.", len(rows)).format(n=len(rows)))


def _read(file: str, read: Callable[[bytes], Read]) -> Read:
    try:
        return read(read_file(file))
    except StockFileError as problem:
        for fault in problem.faults:
            note(f"{file}:{fault.line}: {fault.sentence}")
        refuse(problem.sentence)
        raise typer.Exit(1) from problem
