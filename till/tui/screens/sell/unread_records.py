"""The sheet of an order's unreadable records, where a manager skips one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _, ngettext
from till.domain.staff.rights import Act, Asked
from till.domain.text import clean
from till.tui.drawing.viewmodels import FactView, StyledText
from till.tui.screens.sheets.approval import ManagerSheet
from till.tui.shell.messages import plain

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval
    from till.tui.screens.sell.host import SellHost
    from till.tui.shell.controller import Controller


class SkipRecordSheet(ManagerSheet):
    """The question for a manager's PIN to skip an unreadable record, so that the order can be paid without it."""

    def __init__(self, controller: Controller, scene: SellHost, order: Order) -> None:
        self._scene = scene
        self._order = order
        self._record = record = order.waits_for_manager[0]
        venue = controller.register.venue
        when = venue.local(record.at).strftime("%Y-%m-%d %H:%M")
        facts = (
            FactView(_("Record"), StyledText(clean(record.type))),
            FactView(_("From"), StyledText(f"{venue.till_name(record.till)}, {when}")),
            FactView(_("Why"), StyledText(clean(record.why))),
        )
        title = _("Pay without an unreadable record")
        super().__init__(controller, scene.screen, title, Asked(Act.SET_ASIDE), self._skip, facts=facts)

    def _skip(self, approval: Approval) -> None:
        register = self.controller.register
        if self._scene.session_id != self._order.id:
            return  # the order left the screen while the PIN was checked, and its message gives the reason
        order = register.recovery.set_aside(self._order.id, self._record.event, approval)
        self._scene.show_order(order)
        left = len(order.waits_for_manager)
        sentence = _("Skipped. Now it can be paid; a manager will check it.")
        if left:
            sentence = ngettext(
                "Skipped. {count} more record cannot be read.", "Skipped. {count} more records cannot be read.", left
            ).format(count=left)
        self._scene.message = plain(sentence)
