"""The sheet that overrides the price of a line: the reason, and a manager's approval if the user needs one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import _
from till.domain.order.choosing import check_price
from till.domain.order.selling import check_reason, row_of
from till.domain.text import clean
from till.tui.drawing.viewmodels import FactsView, FactView, KeyView, StyledText
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.reason import ReasonSheet
from till.tui.shell.messages import plain

if TYPE_CHECKING:
    from till.domain.money.measures import Price4
    from till.domain.staff.rights import Approval
    from till.tui.screens.sell.host import SellHost
    from till.tui.screens.sell.order_lines import ShownLine
    from till.tui.shell.controller import Controller


class PriceSheet(ReasonSheet):
    """The question for the reason of a price override."""

    reasons = (_("promised price"), _("wrong on the menu"), _("not as it should be"), _("a regular"))

    def __init__(self, controller: Controller, scene: SellHost, line: ShownLine, price4: Price4) -> None:
        check_price(price4)
        self.scene = scene
        self._line, self._price4 = line, price4
        formats = controller.register.formats
        self._was, self._now = formats.price(line.shown.first.price4), formats.price(price4)
        title = _("{name} at {price}, not {was}: why?")
        title = title.format(name=clean(line.view.name), price=self._now, was=self._was)
        super().__init__(controller, scene.screen, title, picked=False)

    @override
    def beside(self) -> FactsView:
        view = self._line.view
        line = FactView(_("Line"), StyledText(f"{view.quantity} × {clean(view.name)}"))
        return FactsView((line, FactView(_("Now"), StyledText(self._was)), FactView(_("Then"), StyledText(self._now))))

    @override
    def act_key(self) -> KeyView:
        return KeyView("Enter", _("Set the price"))

    @override
    def act(self, reason: str) -> None:
        check_reason(reason)
        scene, register = self.scene, self.controller.register
        self.controller.close()
        if scene.order is None:
            return
        session, line_id, price4 = scene.order.id, self._line.line_id, self._price4

        def done(approval: Approval | None) -> None:
            order = register.sales.override_price(session, line_id, price4, reason, approval)
            scene.show_order(order)
            scene.message = plain(register.answers.priced(order, row_of(order, line_id)))

        facts = (
            FactView(_("Line"), StyledText(f"{self._line.view.quantity} × {clean(self._line.view.name)}")),
            FactView(_("Price"), StyledText(_("{now}, not {was}").format(now=self._now, was=self._was), bold=True)),
        )
        title = _("Another price, {reason}").format(reason=clean(reason))
        asked = register.sales.price_asked(session, line_id, price4)
        with_right(self.controller, scene.screen, title, asked, done, facts=facts)
