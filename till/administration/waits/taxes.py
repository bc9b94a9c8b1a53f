"""The taxes of a menu that has none, though the venue has a tax number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.administration.waiting import Wait, Waiting
from till.domain.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.administration.waiting import Look


def _find(look: Look) -> Iterator[Waiting]:
    menu = (look.ask("menu_export_v1") if look.ask("venue").get("tax_number") else None) or {}
    items = menu.get("items", ())
    if items and not any(menu["taxes"].get(item["tax"]) for item in items):
        sentence = _("The venue has a tax number, and no item of the menu has a tax")
        remedy = _("`till admin menu import FILE --tax TAX`, or a column tax in that file, gives them one.")
        yield Waiting(sentence, advice=remedy)


TAXES: Final = Wait(_find, N_("taxes"), at_desk=False)
