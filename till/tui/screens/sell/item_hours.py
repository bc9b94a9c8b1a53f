"""When an item is sold, in the words of the board, the suggestions and the questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _

if TYPE_CHECKING:
    from datetime import time

    from till.domain.catalogue.menu import Daypart, Item, Menu


def not_now(menu: Menu, item: Item, moment: time) -> str:
    """Why an item is not sold at a wall-clock time: `sold out`, `from 12:00`, `ended 11:30`; nothing when it is."""
    if item.sold_out:
        return _("sold out")
    part = menu.daypart_of(item)
    return "" if part is None or part.holds(moment) else opens(part, moment)


def opens(part: Daypart, moment: time) -> str:
    """`from 12:00` before a part of the day, `ended 11:30` after it."""
    if moment < part.starts:
        return _("from {time}").format(time=part.starts.strftime("%H:%M"))
    return _("ended {time}").format(time=part.ends.strftime("%H:%M"))
