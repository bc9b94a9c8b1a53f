"""Single items of the menu: edit one, mark it as sold out (86), sell it again. Each is an act at the server."""

from __future__ import annotations

from typing import Annotated

import typer

from till.administration.acts.menu import ChangeItem, SellAgain, SellOut
from till.cli.administration import carry_out
from till.domain.i18n import _

ItemName = Annotated[str, typer.Argument(metavar="ITEM", help=_("Its number, name or id."))]
IfVersion = Annotated[
    int | None,
    typer.Option("--if-version", metavar="N", help=_("Refuse unless the menu is still at this version.")),
]


def edit(
    item: ItemName,
    *,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help=_("Its new name."))] = None,
    price: Annotated[
        str | None,
        typer.Option("--price", metavar="PRICE", help=_("The unit price; with “open” the till asks for it.")),
    ] = None,
    starts: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TIME",
            help=_("When the price starts: 18:00, 2026-12-01 or 2026-12-01 18:00, in the venue's time."),
        ),
    ] = None,
    forget: Annotated[bool, typer.Option("--remove-planned", help=_("Remove the planned prices."))] = False,
    category: Annotated[
        str | None, typer.Option("--category", metavar="NAME", help=_("A category of the menu."))
    ] = None,
    tax: Annotated[
        str | None,
        typer.Option(
            "--tax", metavar="TAX", help=_("A tax group, or its taxes: GST 5, or Deposit 0.25 each (included) + GST 5.")
        ),
    ] = None,
    plu: Annotated[
        str | None, typer.Option("--plu", metavar="NUMBER", help=_("The number cashiers type; empty for none."))
    ] = None,
    if_version: IfVersion = None,
) -> None:
    """Change an item at every till at once, or plan a price, which starts on time even at an offline till.

    Lines already keyed keep their price.
    """
    if starts is not None and price is None:
        raise typer.BadParameter(_("--from needs --price: the price that begins then"))
    if not forget and all(option is None for option in (name, price, category, tax, plu)):
        raise typer.BadParameter(_("pass a change: --name, --price, --category, --tax or --plu"))
    carry_out(ChangeItem(item, name, price, starts, category, tax, plu, forget=forget, version=if_version))


def sell_out(item: ItemName) -> None:
    """Mark an item as sold out (86): no till sells it until it is back."""
    carry_out(SellOut(item))


def back_in_stock(item: ItemName) -> None:
    """Mark a sold-out item as on sale again."""
    carry_out(SellAgain(item))
