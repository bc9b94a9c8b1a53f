"""Checks of the printers that serve the tills of this machine. Nothing is printed."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from till.cli.health.finding import well, wrong
from till.domain.errors import ConfigError
from till.domain.i18n import _
from till.domain.venue import read_venue
from till.ports.printer import PrinterTrouble
from till.register.printing.words import trouble_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from till.cli.health.finding import Finding
    from till.domain.settings import PrinterSetting


def printer_parts(settings: Mapping[str, Any], tills: Collection[int]) -> Iterator[Finding]:
    """Ask each printer of the network for its status, and those behind a device file of this machine."""
    from till.devices.printer import EscPosPrinter
    from till.wiring.printers import profile_of

    try:
        printers = read_venue(settings).settings.printers
    except ConfigError:
        return  # the check of the settings reports it

    async def ask_all() -> list[PrinterTrouble | None]:
        return await asyncio.gather(*(EscPosPrinter(profile_of(one)).status() for one in asked))

    asked = [one for one in printers if not is_device_file(one) or {*one.receipts, one.drawer} & {*tills}]
    for printer, trouble in zip(asked, asyncio.run(ask_all()) if asked else (), strict=True):
        part = _("printer {name}").format(name=printer.name)
        if trouble is None:
            yield well(part, _("It would print: {address}.").format(address=printer.address))
            continue
        words, remedy = trouble_words(trouble)
        sentence = _("{address}: {what}.").format(address=printer.address, what=words)
        yield wrong(part, sentence, group_remedy(printer) if trouble is PrinterTrouble.FORBIDDEN else remedy)


def is_device_file(printer: PrinterSetting) -> bool:
    """True if a printer is behind a device file of one machine."""
    return printer.address.startswith("/")


def group_remedy(printer: PrinterSetting) -> str:
    """Return the sentence that names the group that may use a device file."""
    try:
        group = Path(printer.address).group()
    except (OSError, KeyError):
        group = "lp"
    return _("Join its group and log in again: sudo usermod -aG {group} $USER").format(group=group)
