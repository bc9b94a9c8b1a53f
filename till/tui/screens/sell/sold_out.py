"""Marking an item as sold out (86) or available: here at once, on other tills once the server knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.staff.rights import Act, Asked
from till.domain.text import clean
from till.register import counter
from till.tui.drawing.viewmodels import FactView, StyledText
from till.tui.screens.sheets.approval import with_right
from till.tui.shell.messages import plain

if TYPE_CHECKING:
    from till.domain.catalogue.menu import Item
    from till.domain.staff.rights import Approval
    from till.tui.screens.sell.host import SellHost
    from till.tui.shell.controller import Controller


def mark_item(controller: Controller, scene: SellHost, item: Item, *, sold_out: bool) -> None:
    """Mark an item, with a manager's approval if the user may not do it alone."""
    name = clean(item.name)

    def done(approval: Approval | None) -> None:
        scene.message = plain(counter.mark_item(controller.register, item, approval, sold_out=sold_out))

    title = _("Sold out (86) at every till") if sold_out else _("Sold again at every till")
    facts = (FactView(_("Item"), StyledText(name)),)
    with_right(controller, scene.screen, title, Asked(Act.SOLD_OUT), done, facts=facts)
