"""Single items of the menu: edit one, sell it out (86), bring it back. Each is an act at the server."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from till.administration import menu
from till.administration.menu_told import formats_of
from till.cli.administration import administration
from till.cli.output import say
from till.cli.surroundings import Surroundings
from till.domain.catalogue import menu_cells
from till.domain.catalogue.menu_edit import find_category, find_item, menu_at
from till.domain.i18n import _

ItemName = Annotated[str, typer.Argument(metavar="ITEM", help=_("Its number, its name or its id."))]
IfVersion = Annotated[
    int | None,
    typer.Option("--if-version", metavar="N", help=_("Refuse unless the menu is still at this version.")),
]


def edit(
    item: ItemName,
    *,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help=_("Its new name."))] = None,
    price: Annotated[
        str | None, typer.Option("--price", metavar="PRICE", help=_("The price of one; “open” asks at the till."))
    ] = None,
    starts: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TIME",
            help=_("When the price begins: 18:00, 2026-12-01 or 2026-12-01 18:00, by the venue's clock."),
        ),
    ] = None,
    forget: Annotated[bool, typer.Option("--forget-planned", help=_("Drop the planned prices."))] = False,
    category: Annotated[
        str | None, typer.Option("--category", metavar="NAME", help=_("A category of the menu."))
    ] = None,
    tax: Annotated[
        str | None,
        typer.Option(
            "--tax", metavar="TAX", help=_("A group, or its taxes: GST 5, or Deposit 0.25 each (included) + GST 5.")
        ),
    ] = None,
    plu: Annotated[
        str | None, typer.Option("--plu", metavar="NUMBER", help=_("The number that cashiers type; empty for none."))
    ] = None,
    if_version: IfVersion = None,
) -> None:
    """Change an item, at every till at once; a price from a time on at that moment, without a network too.

    What was keyed before keeps its price.
    """
    if starts is not None and price is None:
        raise typer.BadParameter(_("--from needs --price: the price that begins then"))
    if not forget and all(option is None for option in (name, price, category, tax, plu)):
        raise typer.BadParameter(_("pass a change: --name, --price, --category, --tax or --plu"))
    with administration(Surroundings.find()) as admin:
        now, venue = admin.now(), admin.venue()
        known = menu_at(admin.ask("menu_export_v1") or {}, now)
        was = find_item(known, item)
        formats = formats_of(venue)
        changes: dict[str, Any] = {}
        if name is not None:
            changes["name"] = menu.read_part("--name", menu_cells.read_name, name)
        if forget:
            changes["prices"] = []
        if price is not None:
            asked = menu.read_part(
                "--price", lambda cell: menu_cells.read_price(cell, formats.currency, formats), price
            )
            changes |= menu.priced(was | changes, asked, starts, venue, now)
        if category is not None:
            changes["category"] = find_category(known, category)["id"]
        if tax is not None:
            changes |= menu.taxed(known, tax, formats)
        if plu is not None:
            changes["plu"] = menu.read_part("--plu", menu_cells.read_plu, plu)
        said = menu.change(admin, known, was, changes, if_version)
    say(said)


def sell_out(item: ItemName) -> None:
    """Say that an item is sold out (86): no till sells it until it is back."""
    _set_sold_out(item, sold_out=True)


def back_in_stock(item: ItemName) -> None:
    """Say that what was sold out is there again."""
    _set_sold_out(item, sold_out=False)


def _set_sold_out(item: str, *, sold_out: bool) -> None:
    with administration(Surroundings.find()) as admin:
        said = menu.set_sold_out(admin, item, sold_out=sold_out)
    say(said)
