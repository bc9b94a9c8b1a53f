"""Changes of single items of the menu: find the item, plan the change, make it at every till."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from till.administration.menu_told import item_parts
from till.domain.catalogue import menu_cells
from till.domain.catalogue.menu_cells import CellError
from till.domain.catalogue.menu_edit import changes_of, find_item, plan_price
from till.domain.errors import MenuError
from till.domain.i18n import _
from till.domain.text import clean
from till.domain.wall_clock import read_wall_time, utc_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from till.administration.calls import AtServer
    from till.domain.money.formats import Formats
    from till.domain.venue import Venue


def read_part(option: str, read: Callable[[str], Any], cell: str) -> Any:
    """Read the text for a part of an item with `read`.

    Raises:
        MenuError: it is invalid; the sentence begins with the option.
    """
    try:
        return read(cell)
    except CellError as problem:
        raise MenuError(f"{option} {problem.sentence}.") from problem


def read_price(option: str, cell: str, formats: Formats) -> Any:
    """Return a price as an event carries it; None for an open one.

    Raises:
        MenuError: it is no price; the sentence begins with the option.
    """
    return read_part(option, lambda text: menu_cells.read_price(text, formats.currency, formats), cell)


def priced(
    item: Mapping[str, Any], price: str | None, starts: str | None, venue: Venue, now: datetime
) -> dict[str, Any]:
    """Return the fields of an item that a price changes: the present price, or the planned ones.

    Raises:
        MenuError: the price would begin in the past.
    """
    if starts is None:
        return {"price": price}
    begins = read_wall_time(starts, venue.zone, now)
    if begins <= now:
        sentence = _("{time} is over: a planned price begins later. Without --from it begins now.")
        raise MenuError(sentence.format(time=f"{venue.local(begins):%Y-%m-%d %H:%M}"))
    return {"prices": plan_price(item, utc_text(begins), price)}


def taxed(body: Mapping[str, Any], text: str, formats: Formats, option: str = "--tax") -> dict[str, Any]:
    """Return the tax band of an item, with its taxes if the menu has none of that name; `option` begins a refusal.

    Raises:
        MenuError: the menu has no such band, or has it with other rates.
    """
    bands = body.get("taxes", {})
    if text.strip() in bands:
        return {"tax": text.strip()}
    band, taxes = read_part(option, lambda cell: menu_cells.read_band(cell, formats.point), text)
    if not taxes and band:
        raise MenuError(
            _("There is no tax {band} on the menu. Write its rates: {band}: GST 5.").format(band=clean(band))
        )
    if bands.get(band, taxes) != taxes:
        written = menu_cells.write_band(band, bands[band])
        raise MenuError(_("Tax {band} has other rates on this menu: {taxes}.").format(band=band, taxes=clean(written)))
    return {"tax": band} if band in bands else {"tax": band, "taxes": {band: taxes}}


def change(
    at: AtServer,
    known: Mapping[str, Any],
    was: Mapping[str, Any],
    changes: dict[str, Any],
    if_version: int | None = None,
) -> str:
    """Change an item of a known menu, and return what was done.

    Raises:
        AdministrationError: the menu changed meanwhile, or the server refuses otherwise.
    """
    taxes = {**known.get("taxes", {}), **changes.get("taxes", {})}
    now = {**was, **{part: value for part, value in changes.items() if part != "taxes"}}
    parts = changes_of(was, now)
    if not parts:
        return _("Nothing changes.")
    kept = {part: value for part, value in changes.items() if part in parts or part == "taxes"}
    based = known["version"] if if_version is None else if_version
    version = at.act("menu_edit_v1", was["id"], kept, based)
    told = item_parts(parts, {**known, "taxes": taxes}, at.venue())
    return _("{item}: {what}. Menu {version}.").format(item=clean(was["name"]), what="; ".join(told), version=version)


def already(item: Mapping[str, Any], *, sold_out: bool) -> str:
    """Return a sentence if an item is sold out, or on sale, already; empty if that would change."""
    if item["sold_out"] != sold_out:
        return ""
    sentence = _("{item} is already sold out.") if sold_out else _("{item} is already on sale.")
    return sentence.format(item=clean(item["name"]))


def set_sold_out(at: AtServer, item: str, *, sold_out: bool) -> str:
    """Mark an item as sold out (86), or back, and return what was done."""
    found = find_item(at.ask("menu_export_v1") or {}, item)
    if said := already(found, sold_out=sold_out):
        return said
    at.act("menu_sold_out_v1", found["id"], sold_out)
    sentence = _("{item} is sold out at every till.") if sold_out else _("{item} is sold again at every till.")
    return sentence.format(item=clean(found["name"]))
