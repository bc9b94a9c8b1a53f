"""The menu as an act finds it, and the parts of an item as they are typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from till.domain.catalogue import menu_cells
from till.domain.catalogue.menu_cells import CellError
from till.domain.catalogue.menu_edit import menu_at
from till.domain.errors import MenuError
from till.domain.i18n import _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from till.administration.calls import AtServer
    from till.domain.money.formats import Formats


def menu_now(at: AtServer) -> dict[str, Any]:
    """Return the menu with its present prices and taxes."""
    return menu_at(at.ask("menu_export_v1") or {}, at.now())


def read_part(part: str, read: Callable[[str], Any], cell: str) -> Any:
    """Read a field of an item."""
    try:
        return read(cell)
    except CellError as problem:
        raise MenuError(f"{part} {problem.sentence}.") from problem


def read_tax(menu: Mapping[str, Any], text: str, formats: Formats) -> dict[str, Any]:
    """Return the tax band of an item, with its taxes if the band is new on the menu."""
    bands = menu.get("taxes", {})
    if text.strip() in bands:
        return {"tax": text.strip()}
    band, taxes = read_part(_("The tax"), lambda cell: menu_cells.read_band(cell, formats.point), text)
    if not taxes and band:
        raise MenuError(
            _("There is no tax {band} on the menu. Write its rates: {band}: GST 5.").format(band=clean(band))
        )
    if bands.get(band, taxes) != taxes:
        written = menu_cells.write_band(band, bands[band])
        raise MenuError(_("Tax {band} has other rates on this menu: {taxes}.").format(band=band, taxes=clean(written)))
    return {"tax": band} if band in bands else {"tax": band, "taxes": {band: taxes}}
