"""Checks of what draws the letters that code pages lack: the extra of the program, and the fonts of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.cli.health.finding import well, wrong
from till.cli.health.journals import journals_here
from till.config import held_venue
from till.domain.catalogue.menu import read_menu
from till.domain.errors import ConfigError
from till.domain.i18n import LANGUAGES, _
from till.domain.text import Repertoire, clean
from till.domain.venue import read_venue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.cli.environment import Surroundings
    from till.cli.health.finding import Finding
    from till.journal import JournalFile

#: The most letters that a sentence shows.
_MOST: Final = 20


def paper_parts(here: Surroundings | None) -> Iterator[Finding]:
    """Check that this machine can draw the letters that code pages lack, if a printer of the venue draws."""
    venue = held_venue(here.folders) if here is not None else None
    if here is None or venue is None:
        return
    for _till, journal in journals_here(here.folders, venue.store_id):
        try:
            lacking = _lacking(journal)
        except ConfigError:
            return  # the check of the settings reports it
        if lacking is not None:
            yield _drawn(here.config.paper.fonts, lacking)
            return


def _lacking(journal: JournalFile) -> str | None:
    """Return the letters of menu and venue to be drawn for the printers that draw; None without such a printer."""
    settings, menu = journal.cached("settings"), journal.cached("menu")
    if settings is None:
        return None
    venue = read_venue(settings[1])
    here = venue.settings
    devices = [Repertoire(one.code_page) for one in here.printers if one.name in here.drawing]
    languages = (LANGUAGES.get(one, "") for one in (*here.languages, *here.ticket_languages.values()))
    texts = [here.name, here.address, here.receipt_footer, *languages]
    if menu is not None:
        known = read_menu(menu[1], venue.terms.currency)
        texts += [item.name for item in known.items]
        texts += [option.name for group in known.groups.values() for option in group.options]
    letters = {char: None for text in texts for char in clean(text)}
    return "".join(char for char in letters if any(device.misses(char) for device in devices)) if devices else None


def _drawn(patterns: tuple[str, ...], lacking: str) -> Finding:
    from till.devices.fonts import LATIN, PACKAGES, find_fonts

    part = _("paper")
    try:
        from PIL import features
    except ImportError:
        sentence = _("Pillow is not installed here: letters that a printer lacks are spelt in Latin ones.")
        return wrong(part, sentence, _("Install the till's wheel again with its extra: ./dist/till-….whl[scripts]"))
    if not features.check("raqm"):
        sentence = _("Pillow cannot shape letters here, which takes fribidi: they are spelt in Latin ones.")
        return wrong(part, sentence, _("`sudo apt install libfribidi0`. A wheel of Pillow from PyPI has the rest."))
    fonts = find_fonts(patterns)
    if missing := "".join(char for char in LATIN + lacking if not any(font.has(char) for font in fonts)):
        sentence = _("No font here has {letters}.").format(letters=" ".join(missing[-_MOST:]))
        remedy = _("`sudo apt install {packages}`, or name fonts in [paper] of the config.")
        return wrong(part, sentence, remedy.format(packages=PACKAGES))
    return well(part, _("Every letter of the menu is printed or drawn."))
