"""The printers of a venue for one of its tills, from its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import convert

from till.domain.structs import replace
from till.ports.printer import PrinterProfile, Printers

if TYPE_CHECKING:
    from collections.abc import Container

    from till.domain.settings import PrinterSetting
    from till.domain.venue import Venue


def printers_of(venue: Venue, till: int, *, takes_money: bool = True) -> Printers:
    """Return the printers as a till uses them. A training prints nowhere.

    The bills of a till that takes no money, such as a phone's, go to the only printer that it reaches.
    """
    if venue.training:
        return Printers()
    here = venue.settings
    papers = next((one.name for one in here.printers if till in one.receipts), "")
    reached = [one.name for one in here.printers if not one.is_local]
    if not papers and not takes_money and len(reached) == 1:
        papers = reached[0]
    return Printers(
        {one.name: profile_of(one, here.drawing) for one in here.printers},
        papers,
        next((one.name for one in here.printers if one.drawer == till), ""),
        here.receipts,
        {one.name: one.printer for one in here.stations if one.printer},
        tuple({one.printer: None for one in here.stations if one.printer and not (one.categories or one.items)}),
    )


def profile_of(setting: PrinterSetting, drawing: Container[str] = ()) -> PrinterProfile:
    """Return the facts of a printer that its device needs; `drawing` are the names of those that draw."""
    return replace(convert(setting, PrinterProfile, from_attributes=True), draws=setting.name in drawing)
