"""The hours in which an item is sold, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.catalogue.menu import Daypart, Item, Menu


def not_now(menu: Menu, item: Item, moment: datetime) -> str:
    """Return why an item is not sold at a local time: `sold out`, `from 12:00`; empty if it is."""
    if item.sold_out:
        return _("sold out")
    part = menu.daypart_of(item)
    return "" if part is None or part.holds(moment) else opens(part, moment)


def opens(part: Daypart, moment: datetime) -> str:
    """Return `from 12:00` before a part of the day, `ended 11:30` after it, `not today` on a day without it."""
    if (starts := part.opens(moment)) is not None:
        return _("from {time}").format(time=f"{starts:%H:%M}")
    if (ended := part.ended(moment)) is not None:
        return _("ended {time}").format(time=f"{ended:%H:%M}")
    return _("not today")
