"""Single items of the menu: edit one, sell it out (86), bring it back. Each is an act at the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from till.cli.administration import administration
from till.cli.menu_shown import item_parts
from till.cli.output import formats_of, say
from till.cli.surroundings import Surroundings
from till.domain.catalogue import menu_cells
from till.domain.catalogue.menu_cells import CellError
from till.domain.catalogue.menu_edit import changes_of, find_category, find_item, menu_at, plan_price
from till.domain.errors import MenuError
from till.domain.i18n import _
from till.domain.text import clean
from till.domain.wall_clock import read_wall_time, utc_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from till.cli.administration import Administration
    from till.domain.money.formats import Formats
    from till.domain.venue import Venue

ItemName = Annotated[str, typer.Argument(metavar="ITEM", help=_("Its number, its name or its id."))]
IfVersion = Annotated[
    int | None,
    typer.Option("--if-version", metavar="N", help=_("Refuse if the menu is another than this version by now.")),
]


def edit(
    item: ItemName,
    *,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help=_("How it is called."))] = None,
    price: Annotated[
        str | None, typer.Option("--price", metavar="PRICE", help=_("What one costs; “open” asks at the till."))
    ] = None,
    starts: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TIME",
            help=_("The price is for later: from 18:00, 2026-12-01 or 2026-12-01 18:00 on, by the venue's clock."),
        ),
    ] = None,
    forget: Annotated[bool, typer.Option("--forget-planned", help=_("Drop the prices from a time on."))] = False,
    category: Annotated[
        str | None, typer.Option("--category", metavar="NAME", help=_("One that the menu has."))
    ] = None,
    tax: Annotated[
        str | None, typer.Option("--tax", metavar="TAX", help=_("A band, or its taxes: GST 5, or GST 5 + Cess 1."))
    ] = None,
    plu: Annotated[
        str | None, typer.Option("--plu", metavar="NUMBER", help=_("What cashiers type; an empty one takes it off."))
    ] = None,
    if_version: IfVersion = None,
) -> None:
    """Change an item, at every till at once; a price from a time on at that moment, without a network too.

    What was keyed before keeps its price.
    """
    if starts is not None and price is None:
        raise typer.BadParameter(_("--from says when a price begins: name it by --price"))
    if not forget and all(option is None for option in (name, price, category, tax, plu)):
        raise typer.BadParameter(_("Say what shall change: --name, --price, --category, --tax or --plu"))
    with administration(Surroundings.find()) as admin:
        now, venue = admin.now(), admin.venue()
        known = menu_at(admin.ask("menu_export_v1") or {}, now)
        was = find_item(known, item)
        formats = formats_of(venue)
        changes: dict[str, Any] = {}
        if name is not None:
            changes["name"] = _read("--name", menu_cells.read_name, name)
        if forget:
            changes["prices"] = []
        if price is not None:
            asked = _read("--price", lambda cell: menu_cells.read_price(cell, formats.currency, formats), price)
            changes |= _priced(was | changes, asked, starts, venue, now)
        if category is not None:
            changes["category"] = find_category(known, category)["id"]
        if tax is not None:
            changes |= _taxed(known, tax, formats)
        if plu is not None:
            changes["plu"] = _read("--plu", menu_cells.read_plu, plu)
        _change(admin, known, was, changes, if_version, venue)


def _read(option: str, read: Callable[[str], Any], cell: str) -> Any:
    try:
        return read(cell)
    except CellError as problem:
        raise MenuError(f"{option} {problem.sentence}.") from problem


def _priced(
    item: Mapping[str, Any], price: str | None, starts: str | None, venue: Venue, now: datetime
) -> dict[str, Any]:
    """What a price changes of an item: what it costs now, or what it will cost."""
    if starts is None:
        return {"price": price}
    begins = read_wall_time(starts, venue.zone, now)
    if begins <= now:
        sentence = _("{time} is over: a price from a time on begins later. Without --from it begins now.")
        raise MenuError(sentence.format(time=f"{venue.local(begins):%Y-%m-%d %H:%M}"))
    return {"prices": plan_price(item, utc_text(begins), price)}


def _taxed(body: Mapping[str, Any], text: str, formats: Formats) -> dict[str, Any]:
    """The tax band of an item, with its taxes where the menu has none of that name."""
    bands = body.get("taxes", {})
    if text.strip() in bands:
        return {"tax": text.strip()}
    band, taxes = _read("--tax", lambda cell: menu_cells.read_band(cell, formats.point), text)
    if not taxes and band:
        raise MenuError(
            _("There is no tax {band} on the menu. Write its rates: {band}: GST 5.").format(band=clean(band))
        )
    if bands.get(band, taxes) != taxes:
        written = menu_cells.write_band(band, bands[band])
        raise MenuError(_("Tax {band} has other rates on this menu: {taxes}.").format(band=band, taxes=clean(written)))
    return {"tax": band} if band in bands else {"tax": band, "taxes": {band: taxes}}


def _change(
    admin: Administration,
    known: Mapping[str, Any],
    was: Mapping[str, Any],
    changes: dict[str, Any],
    if_version: int | None,
    venue: Venue,
) -> None:
    taxes = {**known.get("taxes", {}), **changes.get("taxes", {})}
    now = {**was, **{part: value for part, value in changes.items() if part != "taxes"}}
    parts = changes_of(was, now)
    if not parts:
        say(_("Nothing changes."))
        return
    kept = {part: value for part, value in changes.items() if part in parts or part == "taxes"}
    based = known["version"] if if_version is None else if_version
    version = admin.act("menu_edit_v1", was["id"], kept, based)
    told = item_parts(parts, {**known, "taxes": taxes}, venue)
    say(_("{item}: {what}. Menu {version}.").format(item=clean(was["name"]), what="; ".join(told), version=version))


def sell_out(item: ItemName) -> None:
    """Say that an item is sold out (86): no till sells it until it is back."""
    _set_sold_out(item, sold_out=True)


def back_in_stock(item: ItemName) -> None:
    """Say that what was sold out is there again."""
    _set_sold_out(item, sold_out=False)


def _set_sold_out(item: str, *, sold_out: bool) -> None:
    with administration(Surroundings.find()) as admin:
        found = find_item(admin.ask("menu_export_v1") or {}, item)
        name = clean(found["name"])
        if found["sold_out"] == sold_out:
            sentence = _("{item} is sold out already.") if sold_out else _("{item} is sold already.")
        else:
            admin.act("menu_sold_out_v1", found["id"], sold_out)
            sentence = _("{item} is sold out at every till.") if sold_out else _("{item} is sold again at every till.")
    say(sentence.format(item=name))
